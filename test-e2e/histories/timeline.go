package main

import "sort"

// span is a time in nanoseconds on the clients' clock, from one moment to another.
type span struct{ from, to int64 }

// timeline is what clients can tell of when the cluster made progress, and of how often its leader changed.
type timeline struct {
	// When nothing may have been committed: ascending, apart from each other.
	still []span
	terms []termLine
}

// A write that took no longer shows that entries were committed at that time. The moment of its commit is not known, so that
// each still time is taken for longer than it looks by so much on either side.
const quickNs = 400e6

// Shorter times without a write say nothing: lease time catches up with them, unless the leader changed meanwhile.
const pauseNs = 300e6

func timelineOf(run *run) *timeline {
	var quick []span
	var last int64
	for _, op := range run.operations {
		last = max(last, op.Return)
		if op.Outcome == ok && committed(op) && op.Return-op.Call <= quickNs {
			quick = append(quick, span{op.Call, op.Return})
		}
	}
	sort.Slice(quick, func(a, b int) bool { return quick[a].from < quick[b].from })
	t := &timeline{terms: run.terms}
	busyUntil := int64(0)
	for _, each := range append(quick, span{last + quickNs, last + quickNs}) {
		if each.from-busyUntil > pauseNs {
			t.add(span{busyUntil - quickNs, each.from + quickNs})
		}
		busyUntil = max(busyUntil, each.to)
	}
	return t
}

// add takes spans in ascending order and joins those that touch.
func (t *timeline) add(s span) {
	if n := len(t.still); n > 0 && t.still[n-1].to >= s.from {
		t.still[n-1].to = s.to
		return
	}
	t.still = append(t.still, s)
}

// committed says whether the answer took an entry of the log.
func committed(op operation) bool {
	switch op.Op {
	case "grant", "keepalive", "acquire", "release":
		return true
	}
	return changes(op)
}

// stillIn is how much of a time was still.
func (t *timeline) stillIn(in span) int64 {
	first := sort.Search(len(t.still), func(at int) bool { return t.still[at].to > in.from })
	total := int64(0)
	for _, s := range t.still[first:] {
		if s.from >= in.to {
			break
		}
		total += min(s.to, in.to) - max(s.from, in.from)
	}
	return total
}

// leaderChanges is how often the leader changed at most. False: nobody was asked in time.
func (t *timeline) leaderChanges(in span) (int64, bool) {
	// The newest term that was known before, and the one that a majority knew afterwards.
	before, after := int64(0), int64(-1)
	for _, line := range t.terms {
		if line.Return <= in.from {
			before = max(before, line.Term)
		}
		if line.Call >= in.to && line.Majority {
			after = line.Term
			break
		}
	}
	return max(0, after-before), before > 0 && after >= 0
}
