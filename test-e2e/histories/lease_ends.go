package main

import (
	"fmt"
	"sort"
)

// The longest difference of two stamps that counts, and how often a leader stamps when there is nothing else to do
// (DESIGN, lease time).
const (
	stepNs  = 2000e6
	everyNs = 500e6
	// From the moment when a lease is due to its removal, on a machine that has much else to do.
	removalNs = 1000e6
)

// checkLeaseEnds: once its keepalives stop, a lease ends. At the latest after its TTL, plus the time in which nothing was
// committed, plus one step, plus what a change of leader costs, for each. A lease with a keepalive of which nobody knows
// whether or when it took effect is left out from there on.
func checkLeaseEnds(leases map[string][]operation, t *timeline, v *verdict) {
	var broken []string
	var slack []int64
	ended := 0
	for name, operations := range leases {
		sort.SliceStable(operations, func(a, b int) bool { return operations[a].Call < operations[b].Call })
		var renewed, ttlMs int64
		sure := true
		for _, op := range operations {
			switch {
			case op.Op == "keepalive" && op.Outcome == unknown:
				sure = false
			case op.Outcome != ok || !sure:
			case op.Op == "ttl" && !op.Output.Found && renewed > 0:
				ended++
				if allowed, known := latest(t, renewed, ttlMs, op.Call); known {
					slack = append(slack, allowed-renewed-ttlMs*1e6)
				}
			case op.Op == "ttl" && op.Output.Found || op.Op == "keepalive" && op.Output.TTLMs > 0:
				// It was alive when this was asked, or later.
				if allowed, known := latest(t, renewed, ttlMs, op.Call); renewed > 0 && known && op.Call > allowed {
					broken = append(broken, fmt.Sprintf("%s is alive %.1f ms after its last keepalive, %.1f ms after the latest moment of its end",
						name, float64(op.Call-renewed)/1e6, float64(op.Call-allowed)/1e6))
				}
			}
			if op.Outcome == ok && op.Output.TTLMs > 0 {
				renewed, ttlMs = max(renewed, op.Return), op.Output.TTLMs
			}
		}
	}
	sort.Strings(broken)
	v.rule("leases end in time", broken)
	sort.Slice(slack, func(a, b int) bool { return slack[a] < slack[b] })
	if len(slack) > 0 {
		v.note("%d leases were seen to have ended; allowed besides their TTL: %.1f s in the middle, %.1f s at most",
			ended, float64(slack[len(slack)/2])/1e9, float64(slack[len(slack)-1])/1e9)
	}
}

// latest is when a lease that was renewed has ended at the latest, as far as the time until `until` tells. False: nobody knows.
func latest(t *timeline, renewed, ttlMs, until int64) (int64, bool) {
	in := span{renewed, until}
	changes, known := t.leaderChanges(in)
	return renewed + longest(ttlMs*1e6) + t.stillIn(in) + stepNs + removalNs + changes*(everyNs+pauseNs+2*quickNs), known
}
