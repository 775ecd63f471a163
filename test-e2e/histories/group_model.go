package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/anishathalye/porcupine"
)

// The keys of a group are single letters from "a" on.
const groupKeys = 4

// register is one key; a version of 0 means that it does not exist.
type register struct {
	value, lease         string
	version, create, mod int64
}

// groupState is what one group of keys holds, and the newest revision that anybody was told by then.
type groupState struct {
	rev  int64
	keys [groupKeys]register
}

// groupCall is an operation with all that is known about it.
type groupCall struct {
	operation
	// Of the change that it made, or of the store when it changed nothing.
	rev int64
	// False: only its effect is known, from the final history.
	answered bool
	// Of a change "deleted", which one of several unanswered calls has made.
	deleted []string
}

var groupModel = porcupine.Model{
	Init: func() interface{} { return groupState{rev: 1} },
	Step: func(state, in, _ interface{}) (bool, interface{}) {
		s := state.(groupState)
		legal := s.step(in.(*groupCall))
		return legal, s
	},
	DescribeOperation: func(in, _ interface{}) string { return in.(*groupCall).describe() },
	DescribeState:     func(state interface{}) string { return state.(groupState).describe() },
}

func at(key string) int { return int(key[0] - 'a') }

// step moves on by one operation; false: it cannot have happened here.
func (s *groupState) step(c *groupCall) bool {
	changed := false
	legal := true
	switch c.Op {
	case "get":
		legal = s.shows(c.Output.Kvs, c.Input.Key)
	case "range":
		legal = s.shows(c.Output.Kvs, "")
	case "put":
		s.put(c.Input.Key, c.Input.Value, c.Input.Lease, c.rev)
		changed = true
	case "delete":
		count := s.remove(func(key string, _ register) bool { return c.Input.Key == "" || key == c.Input.Key })
		legal = count == c.Output.Deleted
		changed = count > 0
	case "deleted":
		count := s.remove(func(key string, _ register) bool { return contains(c.deleted, key) })
		legal = count == len(c.deleted)
		changed = true
	case "revoke":
		count := s.remove(func(_ string, r register) bool { return r.lease == c.Input.Lease })
		if c.rev == 0 {
			return count == 0
		}
		legal = count > 0
		changed = true
	case "txn":
		legal, changed = s.txn(c)
	}
	if !legal || c.rev < s.rev || changed && c.rev == s.rev {
		return false
	}
	s.rev = c.rev
	return true
}

func (s *groupState) put(key, value, lease string, rev int64) {
	r := &s.keys[at(key)]
	if r.version == 0 {
		r.create = rev
	}
	r.version++
	r.value, r.lease, r.mod = value, lease, rev
}

func (s *groupState) remove(which func(key string, r register) bool) int {
	count := 0
	for i, r := range s.keys {
		if r.version > 0 && which(string(rune('a'+i)), r) {
			s.keys[i] = register{}
			count++
		}
	}
	return count
}

// shows says whether an answer is what the key, or all keys, hold.
func (s *groupState) shows(kvs []kv, key string) bool {
	told := 0
	for i, r := range s.keys {
		name := string(rune('a' + i))
		if r.version == 0 || key != "" && key != name {
			continue
		}
		if told == len(kvs) || kvs[told] != (kv{name, r.value, r.version, r.create, r.mod, r.lease}) {
			return false
		}
		told++
	}
	return told == len(kvs)
}

// txn makes all comparisons on the state as it is, then the operations, each of which sees those before it.
func (s *groupState) txn(c *groupCall) (legal, changed bool) {
	holds := true
	for _, condition := range c.Input.If {
		holds = holds && s.holds(condition)
	}
	if c.answered && holds != c.Output.Succeeded {
		return false, false
	}
	steps := c.Input.Else
	if holds {
		steps = c.Input.Then
	}
	if c.answered && len(c.Output.Responses) != len(steps) {
		return false, false
	}
	for i, step := range steps {
		switch step.Do {
		case "put":
			s.put(step.Key, step.Value, "", c.rev)
			changed = true
		case "delete":
			count := s.remove(func(key string, _ register) bool { return key == step.Key })
			if c.answered && count != c.Output.Responses[i].Deleted {
				return false, false
			}
			changed = changed || count > 0
		case "get":
			if c.answered && !s.shows(c.Output.Responses[i].Kvs, step.Key) {
				return false, false
			}
		}
	}
	return c.answered || changed, changed
}

// holds makes one comparison. A key that does not exist has numbers of 0, and no comparison of its value holds.
func (s *groupState) holds(c condition) bool {
	r := s.keys[at(c.Key)]
	if c.Target == "value" {
		var to string
		if err := json.Unmarshal(c.To, &to); err != nil {
			panic(fmt.Sprintf("a value to compare with is a string: %v", err))
		}
		return r.version > 0 && related(c.Relation, strings.Compare(r.value, to))
	}
	var to int64
	if err := json.Unmarshal(c.To, &to); err != nil {
		panic(fmt.Sprintf("a number to compare with is a number: %v", err))
	}
	number := map[string]int64{"version": r.version, "create": r.create, "mod": r.mod}[c.Target]
	return related(c.Relation, int(number-to))
}

func related(relation string, difference int) bool {
	switch relation {
	case "=":
		return difference == 0
	case "!=":
		return difference != 0
	case ">":
		return difference > 0
	case "<":
		return difference < 0
	}
	panic("no such relation: " + relation)
}

func contains(list []string, wanted string) bool {
	for _, each := range list {
		if each == wanted {
			return true
		}
	}
	return false
}

func (c *groupCall) describe() string {
	in, _ := json.Marshal(c.Input)
	out, _ := json.Marshal(c.Output)
	if c.answered {
		return fmt.Sprintf("%s %s → %s", c.Op, in, out)
	}
	return fmt.Sprintf("%s %s %v → no answer, made revision %d", c.Op, in, c.deleted, c.rev)
}

func (s groupState) describe() string {
	var parts []string
	for i, r := range s.keys {
		if r.version > 0 {
			parts = append(parts, fmt.Sprintf("%c=%s (version %d, %d to %d)", 'a'+i, r.value, r.version, r.create, r.mod))
		}
	}
	return fmt.Sprintf("at %d: %s", s.rev, strings.Join(parts, ", "))
}
