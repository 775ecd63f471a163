package main

import (
	"fmt"
	"sort"
)

// checkRests holds grants against the lock-delay: when the lease of a holder ended without a release, the lock rests. Its
// lease does not end before the holder stops to rely upon it, so nobody has the lock before that moment plus the delay.
func checkRests(operations []operation, v *verdict) {
	granted := map[string][]operation{}
	reliedUntil := map[int64]int64{}
	givenBack := map[int64]bool{}
	for _, op := range operations {
		switch {
		case op.Op == "acquire" && op.Outcome == ok && op.Input.DelayMs > 0:
			granted[op.Key] = append(granted[op.Key], op)
		case op.Op == "hold":
			reliedUntil[op.Input.Token] = op.Return
		case op.Op == "release" && (op.Outcome == unknown || op.Outcome == ok && op.Output.Released):
			givenBack[op.Input.Token] = true
		}
	}
	var broken []string
	rests := 0
	for lock, grants := range granted {
		sort.Slice(grants, func(a, b int) bool { return grants[a].Output.Token < grants[b].Output.Token })
		// When the last of all rests so far is over, at the earliest, and whose it is.
		over, whose := int64(0), int64(0)
		for _, grant := range grants {
			if grant.Return < over {
				broken = append(broken, fmt.Sprintf("%s: token %d was granted %.1f ms before the rest after token %d was over",
					lock, grant.Output.Token, float64(over-grant.Return)/1e6, whose))
			}
			token := grant.Output.Token
			until, relied := reliedUntil[token]
			if !relied || givenBack[token] {
				continue
			}
			rests++
			if end := until + shortest(grant.Input.DelayMs*1e6); end > over {
				over, whose = end, token
			}
		}
	}
	sort.Strings(broken)
	v.rule("locks rest after a lost holder", broken)
	v.note("%d locks rested after a lost holder", rests)
}
