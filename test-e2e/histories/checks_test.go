package main

import (
	"testing"
)

const ms = 1_000_000

func failuresOf(check func(v *verdict)) int {
	v := &verdict{}
	check(v)
	return v.Failed
}

func acquired(client int, lease string, call, ret, token int64) operation {
	return operation{Client: client, Op: "acquire", Key: "l", Outcome: ok, Call: call, Return: ret,
		Input: input{Mode: "exclusive", Lease: lease}, Output: output{Token: token}}
}

func unansweredAcquire(client int, lease string, call int64) operation {
	op := acquired(client, lease, call, call+100, 0)
	op.Outcome = unknown
	return op
}

func described(call, ret int64, holders ...holder) operation {
	return operation{Client: 9, Op: "describe", Key: "l", Outcome: ok, Call: call, Return: ret, Output: output{Holders: holders}}
}

func hold(token, from, to int64) operation {
	return operation{Op: "hold", Key: "l", Outcome: ok, Call: from, Return: to, Input: input{Token: token, Mode: "exclusive"}}
}

func releasedAt(token, call, ret int64) operation {
	return operation{Op: "release", Key: "l", Outcome: ok, Call: call, Return: ret,
		Input: input{Token: token, Mode: "exclusive"}, Output: output{Released: true}}
}

func TestLocks(t *testing.T) {
	ghost := holder{Token: 5, Lease: "a"}
	for name, each := range map[string]struct {
		operations []operation
		failures   int
	}{
		"an unanswered acquire may have been granted": {[]operation{
			unansweredAcquire(1, "a", 0), described(10, 20, ghost), acquired(2, "b", 30, 40, 6),
		}, 0},
		"and holds the lock while it is seen": {[]operation{
			unansweredAcquire(1, "a", 0), described(10, 20, ghost), acquired(2, "b", 12, 14, 6), hold(6, 14, 90), described(50, 60, ghost),
		}, 1},
		"and is no second holder": {[]operation{
			unansweredAcquire(1, "a", 0), acquired(2, "b", 1, 2, 4), hold(4, 2, 90), described(10, 20, holder{Token: 4, Lease: "b"}, ghost),
		}, 1},
		"and comes after smaller tokens only": {[]operation{
			unansweredAcquire(1, "a", 30), acquired(2, "b", 1, 2, 6), hold(6, 2, 3), described(40, 50, ghost),
		}, 1},
		"and may have had no lease yet": {[]operation{
			unansweredAcquire(1, noLease, 0), described(10, 20, ghost),
		}, 0},
		"one whose end nobody was told of may be gone": {[]operation{
			acquired(1, "a", 0, 1, 4), hold(4, 1, 5), described(2, 3, holder{Token: 4, Lease: "a"}), described(10, 20),
		}, 0},
		"but not come back": {[]operation{
			acquired(1, "a", 0, 1, 4), hold(4, 1, 5), described(10, 20), described(30, 40, holder{Token: 4, Lease: "a"}),
		}, 1},
		"nor be gone while it relies upon the lock": {[]operation{
			acquired(1, "a", 0, 1, 4), hold(4, 1, 50), described(10, 20),
		}, 1},
		"nor keep what another one is granted": {[]operation{
			acquired(1, "a", 0, 1, 4), hold(4, 1, 5), acquired(2, "b", 7, 8, 5), hold(5, 8, 90), described(10, 20, holder{Token: 4, Lease: "a"}),
		}, 1},
		"a holder that never asked is a stranger": {[]operation{
			unansweredAcquire(1, "b", 0), described(10, 20, ghost),
		}, 1 + 1},
		"one that asks later is a stranger, too": {[]operation{
			unansweredAcquire(1, "a", 30), described(10, 20, ghost),
		}, 1 + 1},
	} {
		got := failuresOf(func(v *verdict) { checkLocks(map[string][]operation{"l": each.operations}, "", v) })
		if got != each.failures {
			t.Errorf("%s: %d failures, not %d", name, got, each.failures)
		}
	}
}

func TestRests(t *testing.T) {
	grant := func(call, ret, token int64) operation {
		op := acquired(1, "a", call*ms, ret*ms, token)
		op.Input.DelayMs = 1000
		return op
	}
	for name, each := range map[string]struct {
		operations []operation
		failures   int
	}{
		"after the rest":                {[]operation{grant(0, 1, 1), hold(1, 1*ms, 100*ms), grant(50, 1110, 2)}, 0},
		"too early":                     {[]operation{grant(0, 1, 1), hold(1, 1*ms, 100*ms), grant(50, 1000, 2)}, 1},
		"the third, too early":          {[]operation{grant(0, 1, 1), hold(1, 1*ms, 100*ms), grant(50, 1110, 2), hold(2, 1110*ms, 1111*ms), releasedAt(2, 1111*ms, 1112*ms), grant(900, 1050, 3)}, 1},
		"no rest after a release":       {[]operation{grant(0, 1, 1), hold(1, 1*ms, 100*ms), releasedAt(1, 100*ms, 101*ms), grant(50, 102, 2)}, 0},
		"no rest on a lock without one": {[]operation{acquired(1, "a", 0, 1, 1), hold(1, 1, 100), acquired(2, "b", 50, 102, 2)}, 0},
	} {
		if got := failuresOf(func(v *verdict) { checkRests(each.operations, v) }); got != each.failures {
			t.Errorf("%s: %d failures, not %d", name, got, each.failures)
		}
	}
}

// put is a write that a client made at that time, in milliseconds.
func put(at int64) operation {
	return operation{Op: "put", Outcome: ok, Call: at * ms, Return: (at + 10) * ms, Output: output{Rev: 2 + at}}
}

func TestLeaseEnds(t *testing.T) {
	lease := func(op string, call, ttl int64, found bool, how outcome) operation {
		return operation{Op: op, Outcome: how, Call: call * ms, Return: (call + 10) * ms, Output: output{TTLMs: ttl, Found: found}}
	}
	steady := func(until int64, but span) *timeline {
		run := &run{terms: []termLine{{Return: 0, Term: 1, Majority: true}}}
		run.terms[0].Term = 3
		for at := int64(0); at < until; at += 100 {
			if at < but.from || at >= but.to {
				run.operations = append(run.operations, put(at))
			}
		}
		run.terms = append(run.terms, termLine{Call: until * ms, Return: until * ms, Term: 3, Majority: true})
		return timelineOf(run)
	}
	none := span{}
	granted := lease("grant", 0, 2000, false, ok)
	for name, each := range map[string]struct {
		operations []operation
		time       *timeline
		failures   int
	}{
		"in time":                        {[]operation{granted, lease("ttl", 4900, 0, true, ok), lease("ttl", 5500, 0, false, ok)}, steady(20_000, none), 0},
		"too late":                       {[]operation{granted, lease("ttl", 5500, 0, true, ok)}, steady(20_000, none), 1},
		"renewed when long overdue":      {[]operation{granted, lease("keepalive", 5500, 2000, false, ok)}, steady(20_000, none), 1},
		"counted from the last":          {[]operation{granted, lease("keepalive", 1500, 2000, false, ok), lease("ttl", 5500, 0, true, ok)}, steady(20_000, none), 0},
		"unknown keepalives say nothing": {[]operation{granted, lease("keepalive", 1500, 0, false, unknown), lease("ttl", 9500, 0, true, ok)}, steady(20_000, none), 0},
		"still times are credited":       {[]operation{granted, lease("ttl", 9500, 0, true, ok)}, steady(20_000, span{2000, 6000}), 0},
		"but no more than they were":     {[]operation{granted, lease("ttl", 11_500, 0, true, ok)}, steady(20_000, span{2000, 6000}), 1},
		"without a term nobody knows":    {[]operation{granted, lease("ttl", 19_995, 0, true, ok)}, steady(19_990, none), 0},
	} {
		got := failuresOf(func(v *verdict) { checkLeaseEnds(map[string][]operation{"lease/1": each.operations}, each.time, v) })
		if got != each.failures {
			t.Errorf("%s: %d failures, not %d", name, got, each.failures)
		}
	}
}

func TestLeaderChanges(t *testing.T) {
	line := &timeline{terms: []termLine{{Call: 0, Return: 5, Term: 2}, {Call: 20, Return: 25, Term: 6}, {Call: 30, Return: 35, Term: 4, Majority: true}}}
	if changes, known := line.leaderChanges(span{5, 15}); changes != 2 || !known {
		t.Errorf("%d changes, known: %v", changes, known)
	}
	if _, known := line.leaderChanges(span{4, 15}); known {
		t.Error("nobody was asked before")
	}
	if _, known := line.leaderChanges(span{5, 31}); known {
		t.Error("nobody was asked afterwards")
	}
}
