package main

import (
	"fmt"
	"sort"
	"strings"

	"github.com/anishathalye/porcupine"
)

// checkGroups searches each group of keys for an order of its operations that explains all answers. What unanswered
// calls did is known from the final history: their effect is pinned to its revision, and open in time.
func checkGroups(groups map[string][]operation, s *store, folder string, v *verdict) {
	histories := map[string][]porcupine.Operation{}
	changes := s.byGroup()
	var unexplained []string
	for name, operations := range groups {
		calls, left := resolve(operations, changes[name], s)
		for _, rev := range left {
			unexplained = append(unexplained, fmt.Sprintf("revision %d on %s: %v", rev, name, s.changes[rev]))
		}
		for _, call := range calls {
			histories[name] = append(histories[name], porcupine.Operation{
				ClientId: call.Client, Input: call, Call: call.Call, Return: call.Return,
			})
		}
	}
	for name, revs := range changes {
		if groups[name] == nil {
			unexplained = append(unexplained, fmt.Sprintf("revision %d on %s, where nobody wrote", revs[0], name))
		}
	}
	sort.Strings(unexplained)
	v.rule("every change is somebody's", unexplained)
	v.linearizable(groupModel, histories, folder)
}

// byGroup lists the revisions that changed each group, ascending.
func (s *store) byGroup() map[string][]int64 {
	groups := map[string][]int64{}
	for rev := int64(2); rev <= s.newest; rev++ {
		for _, event := range s.changes[rev] {
			name := event.Key[:strings.LastIndex(event.Key, "/")]
			revs := groups[name]
			if len(revs) == 0 || revs[len(revs)-1] != rev {
				groups[name] = append(revs, rev)
			}
		}
	}
	return groups
}

// resolve finds out what each call did. It returns the calls that are to be ordered, and the revisions that none of them
// can have made.
func resolve(operations []operation, revs []int64, s *store) (calls []*groupCall, left []int64) {
	claimed := map[int64]bool{}
	var deletes, revokes []*groupCall
	for _, op := range operations {
		if op.Outcome == fail {
			continue
		}
		call := &groupCall{operation: op, rev: op.Output.Rev, answered: op.Outcome == ok}
		if op.Outcome == unknown {
			call.Return = never
			call.rev = effectOf(op, s)
		}
		switch {
		case op.Op == "revoke":
			revokes = append(revokes, call)
			continue
		case call.answered:
			if changes(op) {
				claimed[call.rev] = true
			}
		case call.rev > 0:
			claimed[call.rev] = true
		case deletesOf(op):
			deletes = append(deletes, call)
			continue
		default:
			// Without effect, or a read whose answer nobody got.
			continue
		}
		calls = append(calls, call)
	}
	keys := map[string]kv{}
	for _, rev := range revs {
		if !claimed[rev] {
			if call := explain(rev, s.changes[rev], keys, deletes, revokes); call != nil {
				calls = append(calls, call)
			} else {
				left = append(left, rev)
			}
		}
		for _, event := range s.changes[rev] {
			if event.Type == "put" {
				keys[event.Key] = event.kv
			} else {
				delete(keys, event.Key)
			}
		}
	}
	for _, revoke := range revokes {
		// Found nothing to delete; if nobody knows whether it happened, that tells nothing.
		if revoke.rev == 0 && revoke.answered {
			calls = append(calls, revoke)
		}
	}
	return calls, left
}

// effectOf finds the revision of an unanswered write by its values; 0: it made none, or one without values.
func effectOf(op operation, s *store) int64 {
	for _, value := range valuesOf(op) {
		if rev := s.writtenAt[value]; rev > 0 {
			return rev
		}
	}
	return 0
}

func deletesOf(op operation) bool {
	if op.Op == "delete" {
		return true
	}
	for _, step := range append(append([]step(nil), op.Input.Then...), op.Input.Else...) {
		if step.Do == "delete" {
			return true
		}
	}
	return false
}

// explain finds who can have made a revision that no answer and no value tells of: it deletes keys, with their lease or by
// an unanswered call. Where both are possible it is nobody's, and can come from the first of these calls on; a revoke then
// has found nothing more to delete.
func explain(rev int64, events []change, keys map[string]kv, deletes, revokes []*groupCall) *groupCall {
	var deleted []string
	lease := ""
	for _, event := range events {
		if event.Type != "delete" {
			return nil
		}
		lease = keys[event.Key].Lease
		deleted = append(deleted, event.Key[strings.LastIndex(event.Key, "/")+1:])
	}
	first := int64(never)
	for _, revoke := range revokes {
		if lease == "" || revoke.Input.Lease != lease || revoke.rev != 0 {
			continue
		}
		if len(deletes) == 0 {
			revoke.rev = rev
			return revoke
		}
		first = revoke.Call
	}
	if len(deletes) == 0 {
		return nil
	}
	for _, call := range deletes {
		first = min(first, call.Call)
	}
	op := operation{Client: deletes[0].Client, Op: "deleted", Key: deletes[0].Key, Call: first, Return: never, Outcome: unknown}
	return &groupCall{operation: op, rev: rev, deleted: deleted}
}
