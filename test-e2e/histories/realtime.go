package main

import (
	"fmt"
	"sort"
)

// checkRealTimeOrder holds revisions against the clock, over the whole store: whatever began after an answer with a
// revision has at least this one, and a write a later one. With the final history this alone makes the store
// linearizable as a whole; the groups of keys are searched besides, by means that need no history.
func checkRealTimeOrder(operations []operation, v *verdict) {
	var answered []operation
	for _, op := range operations {
		if op.Outcome == ok && op.Output.Rev > 0 {
			answered = append(answered, op)
		}
	}
	byReturn := append([]operation(nil), answered...)
	sort.Slice(byReturn, func(a, b int) bool { return byReturn[a].Return < byReturn[b].Return })
	sort.Slice(answered, func(a, b int) bool { return answered[a].Call < answered[b].Call })
	var broken []string
	var newest operation
	next := 0
	for _, op := range answered {
		for next < len(byReturn) && byReturn[next].Return < op.Call {
			if byReturn[next].Output.Rev > newest.Output.Rev {
				newest = byReturn[next]
			}
			next++
		}
		least := newest.Output.Rev
		if changes(op) {
			least++
		}
		if op.Output.Rev < least {
			broken = append(broken, fmt.Sprintf("%s of client %d on %s saw revision %d, %.1f ms after client %d was told of %d",
				op.Op, op.Client, op.Key, op.Output.Rev, float64(op.Call-newest.Return)/1e6, newest.Client, newest.Output.Rev))
		}
	}
	v.rule("revisions follow the clock", broken)
}

// changes says whether an acknowledged operation has a revision of its own.
func changes(op operation) bool {
	switch op.Op {
	case "put":
		return true
	case "delete":
		return op.Output.Deleted > 0
	case "txn":
		for at, step := range branch(op) {
			if step.Do == "put" || step.Do == "delete" && op.Output.Responses[at].Deleted > 0 {
				return true
			}
		}
	}
	return false
}
