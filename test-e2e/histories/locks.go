package main

import (
	"fmt"
	"sort"

	"github.com/anishathalye/porcupine"
)

// How many may hold one lock at once in any run: a dozen clients, with some holds that nobody has seen to end yet.
const holdersMax = 64

// lockState is who holds a lock, by fencing token, ascending; zeros fill it up.
type lockState struct {
	holders [holdersMax]int64
	newest  int64
}

// lockCall is an operation on a lock. "expire" is the end of a hold that nobody was told of: it may come at any time
// after its holder has stopped to rely upon it, and not before. That covers a release that was not answered, too.
type lockCall struct {
	operation
	token int64
	known map[int64]*lockCall
}

var lockModel = porcupine.Model{
	Init: func() interface{} { return lockState{} },
	Step: func(state, in, _ interface{}) (bool, interface{}) {
		s := state.(lockState)
		legal := s.step(in.(*lockCall))
		return legal, s
	},
	DescribeOperation: func(in, _ interface{}) string {
		c := in.(*lockCall)
		switch c.Op {
		case "describe":
			return fmt.Sprintf("describe → %v", c.Output.Holders)
		case "release":
			return fmt.Sprintf("release %d → %v (%s)", c.token, c.Output.Released, c.Outcome)
		}
		return fmt.Sprintf("%s %s %d", c.Op, c.Input.Mode, c.token)
	},
	DescribeState: func(state interface{}) string {
		s := state.(lockState)
		return fmt.Sprintf("held by %v, newest token %d", s.list(), s.newest)
	},
}

func (s *lockState) list() []int64 {
	for at, token := range s.holders {
		if token == 0 {
			return s.holders[:at]
		}
	}
	return s.holders[:]
}

func (s *lockState) step(c *lockCall) bool {
	switch c.Op {
	case "acquire":
		held := len(s.list())
		if c.token <= s.newest || held == holdersMax || !s.admits(c) {
			return false
		}
		s.holders[held] = c.token
		s.newest = c.token
	case "release":
		return s.remove(c.token) == c.Output.Released
	case "expire":
		s.remove(c.token)
	case "describe":
		return s.shows(c)
	}
	return true
}

func (s *lockState) admits(c *lockCall) bool {
	holders := s.list()
	switch c.Input.Mode {
	case "exclusive":
		return len(holders) == 0
	case "semaphore":
		return len(holders) < c.Input.Permits
	case "shared":
		return len(holders) == 0 || c.known[holders[0]].Input.Mode == "shared"
	}
	panic("no such mode: " + c.Input.Mode)
}

func (s *lockState) remove(token int64) bool {
	holders := s.list()
	for at, held := range holders {
		if held == token {
			copy(s.holders[at:], holders[at+1:])
			s.holders[len(holders)-1] = 0
			return true
		}
	}
	return false
}

// shows compares with what was told: these holders, and no others.
func (s *lockState) shows(c *lockCall) bool {
	if len(c.Output.Holders) != len(s.list()) {
		return false
	}
	for _, told := range c.Output.Holders {
		found := false
		for _, held := range s.list() {
			found = found || held == told.Token
		}
		if !found {
			return false
		}
	}
	return true
}

// checkLocks searches each lock and election for an order of its operations that explains all answers.
func checkLocks(locks map[string][]operation, folder string, v *verdict) {
	histories := map[string][]porcupine.Operation{}
	var strangers []string
	for name, operations := range locks {
		calls, unasked := lockCalls(operations)
		strangers = append(strangers, unasked...)
		for _, call := range calls {
			histories[name] = append(histories[name], porcupine.Operation{
				ClientId: call.Client, Input: call, Call: call.Call, Return: call.Return,
			})
		}
	}
	sort.Strings(strangers)
	v.rule("whoever holds a lock has asked for it", strangers)
	v.linearizable(lockModel, histories, folder)
}

// lockCalls makes the operations on one lock ready for the model, and adds the ends of holds that nobody was told of. A
// grant that was never answered shows only if somebody saw its holder: then it is an operation like any other, made between
// the asking and the first sight. One that nobody saw leaves no trace, and every order that explains the answers with it
// explains them without it. Also says which holders belong to no acquire that could have been granted.
func lockCalls(operations []operation) (calls []*lockCall, strangers []string) {
	known := map[int64]*lockCall{}
	reliedUntil := map[int64]int64{}
	released := map[int64]bool{}
	for _, op := range operations {
		call := &lockCall{operation: op, known: known}
		switch {
		case op.Op == "hold":
			reliedUntil[op.Input.Token] = op.Return
			continue
		case op.Op == "acquire" && op.Outcome == ok:
			call.token = op.Output.Token
			known[call.token] = call
		case op.Op == "release" && op.Outcome == ok:
			call.token = op.Input.Token
			released[call.token] = op.Output.Released
		case op.Op == "describe" && op.Outcome == ok:
		default:
			continue
		}
		calls = append(calls, call)
	}
	unanswered, strangers := unansweredGrants(operations, known)
	for _, op := range unanswered {
		call := &lockCall{operation: op, token: op.Output.Token, known: known}
		known[call.token] = call
		// It may end at any time: its client gives back what it did not wait for.
		reliedUntil[call.token] = op.Call
		calls = append(calls, call)
	}
	for token, acquired := range known {
		if released[token] {
			continue
		}
		until, said := reliedUntil[token]
		if !said {
			until = acquired.Return
		}
		op := operation{Client: acquired.Client, Op: "expire", Key: acquired.Key, Call: until, Return: never, Outcome: unknown}
		narrow(&op, acquired, calls)
		calls = append(calls, &lockCall{operation: op, token: token, known: known})
	}
	return calls, strangers
}

// narrow brings the end of a hold between what others saw: after the last sight of the holder, and before the first
// answer that shows that it is gone. No order that explains the answers is lost by that, and the search has far fewer to try.
func narrow(end *operation, acquired *lockCall, calls []*lockCall) {
	for _, call := range calls {
		switch {
		case call.Op == "describe" && call.sees(acquired.token):
			end.Call = max(end.Call, call.Call)
		case call.Op == "describe" && call.Call > acquired.Return, call.Op == "acquire" && call.excludes(acquired):
			end.Return = min(end.Return, call.Return)
		}
	}
	// A contradiction: the search finds it, and draws it.
	if end.Return < end.Call {
		end.Return = never
	}
}

func (c *lockCall) sees(token int64) bool {
	for _, told := range c.Output.Holders {
		if told.Token == token {
			return true
		}
	}
	return false
}

// excludes says whether this later grant is possible only once that earlier hold has ended.
func (c *lockCall) excludes(earlier *lockCall) bool {
	return c.token > earlier.token && (c.Input.Mode == "exclusive" || earlier.Input.Mode == "exclusive")
}

// unansweredGrants finds the holders that others saw and that were never told of their grant, by the lease that they hold with.
func unansweredGrants(operations []operation, known map[int64]*lockCall) (grants []operation, strangers []string) {
	asked := map[string][]operation{}
	for _, op := range operations {
		if op.Op == "acquire" && op.Outcome == unknown {
			asked[op.Input.Lease] = append(asked[op.Input.Lease], op)
		}
	}
	seen := map[int64]int64{}
	leases := map[int64]string{}
	for _, op := range operations {
		if op.Op != "describe" || op.Outcome != ok {
			continue
		}
		for _, told := range op.Output.Holders {
			if known[told.Token] != nil {
				continue
			}
			if first, again := seen[told.Token]; !again || op.Return < first {
				seen[told.Token] = op.Return
			}
			leases[told.Token] = told.Lease
		}
	}
	for token, first := range seen {
		// A session may have had no lease yet when its client gave up.
		candidates := append(append([]operation(nil), asked[leases[token]]...), asked[noLease]...)
		var grant *operation
		for _, op := range candidates {
			if op.Call < first && (grant == nil || op.Call < grant.Call) {
				grant = &op
			}
		}
		if grant == nil {
			strangers = append(strangers, fmt.Sprintf("token %d, seen with lease %s", token, leases[token]))
			continue
		}
		grant.Return, grant.Outcome, grant.Output.Token = first, ok, token
		grants = append(grants, *grant)
	}
	return grants, strangers
}

// noLease is what a session has before its first use.
const noLease = "0"

// checkHolds looks at what holders believed: no two may rely upon a lock at one moment that the lock's mode forbids.
func checkHolds(operations []operation, v *verdict) {
	byLock := map[string][]operation{}
	for _, op := range operations {
		if op.Op == "hold" {
			byLock[op.Key] = append(byLock[op.Key], op)
		}
	}
	var broken []string
	for lock, holds := range byLock {
		sort.Slice(holds, func(a, b int) bool { return holds[a].Call < holds[b].Call })
		var open []operation
		for _, hold := range holds {
			kept := open[:0]
			for _, other := range open {
				if other.Return > hold.Call {
					kept = append(kept, other)
				}
			}
			open = kept
			if hold.Input.Mode == "semaphore" && len(open) >= hold.Input.Permits {
				broken = append(broken, fmt.Sprintf("%s with %d permits is relied upon by %s and %s", lock, hold.Input.Permits, holding(hold), holding(open...)))
			}
			for _, other := range open {
				if hold.Input.Mode == "exclusive" || other.Input.Mode == "exclusive" {
					broken = append(broken, fmt.Sprintf("%s is relied upon by %s and %s", lock, holding(other), holding(hold)))
				}
			}
			open = append(open, hold)
		}
	}
	sort.Strings(broken)
	v.rule("no two rely upon a lock at once", broken)
}

func holding(holds ...operation) string {
	text := ""
	for at, hold := range holds {
		if at > 0 {
			text += ", "
		}
		text += fmt.Sprintf("client %d (%s, token %d, %.1f to %.1f ms)",
			hold.Client, hold.Input.Mode, hold.Input.Token, float64(hold.Call)/1e6, float64(hold.Return)/1e6)
	}
	return text
}

// checkTokens: over all locks and elections no token is given twice, and a grant that was asked for after another was
// answered has the larger one.
func checkTokens(operations []operation, v *verdict) {
	var grants []operation
	for _, op := range operations {
		if op.Op == "acquire" && op.Outcome == ok {
			grants = append(grants, op)
		}
	}
	var broken []string
	seen := map[int64]operation{}
	for _, grant := range grants {
		if other, twice := seen[grant.Output.Token]; twice {
			broken = append(broken, fmt.Sprintf("token %d on %s and on %s", grant.Output.Token, other.Key, grant.Key))
		}
		seen[grant.Output.Token] = grant
	}
	byReturn := append([]operation(nil), grants...)
	sort.Slice(byReturn, func(a, b int) bool { return byReturn[a].Return < byReturn[b].Return })
	sort.Slice(grants, func(a, b int) bool { return grants[a].Call < grants[b].Call })
	var newest operation
	next := 0
	for _, grant := range grants {
		for next < len(byReturn) && byReturn[next].Return < grant.Call {
			if byReturn[next].Output.Token > newest.Output.Token {
				newest = byReturn[next]
			}
			next++
		}
		if grant.Output.Token <= newest.Output.Token {
			broken = append(broken, fmt.Sprintf("%s got token %d after %s had got %d", grant.Key, grant.Output.Token, newest.Key, newest.Output.Token))
		}
	}
	v.rule("fencing tokens only grow", broken)
}
