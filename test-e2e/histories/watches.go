package main

import (
	"fmt"
	"reflect"
	"strings"
)

// checkWatches holds what each watch was told against the final history: every revision that changed something under its
// prefix, in order, once, and whole.
func checkWatches(lines []watchLine, s *store, v *verdict) {
	byWatch := map[string][]watchLine{}
	var names []string
	for _, line := range lines {
		if byWatch[line.Watch] == nil {
			names = append(names, line.Watch)
		}
		byWatch[line.Watch] = append(byWatch[line.Watch], line)
	}
	if len(names) == 0 {
		v.rule("watches", []string{"there was none"})
	}
	for _, name := range names {
		v.rule("watch "+name, watchFaults(byWatch[name], s))
	}
}

func watchFaults(lines []watchLine, s *store) []string {
	var broken []string
	prefix := lines[0].Prefix
	next, end := lines[0].From, int64(0)
	// expect advances to `rev` and notes what the store changed before it and the watch did not tell.
	expect := func(rev int64) {
		for ; next < rev; next++ {
			if missed := under(s.changes[next], prefix); len(missed) > 0 {
				broken = append(broken, fmt.Sprintf("revision %d is missing: %v", next, missed))
			}
		}
	}
	for _, line := range lines[1:] {
		if line.End > 0 {
			end = line.End
			break
		}
		if line.Rev < next {
			broken = append(broken, fmt.Sprintf("revision %d comes when %d is due: out of order, or again", line.Rev, next))
			continue
		}
		expect(line.Rev)
		if wanted := under(s.changes[line.Rev], prefix); !reflect.DeepEqual(wanted, line.Events) {
			broken = append(broken, fmt.Sprintf("revision %d: told %v, made %v", line.Rev, line.Events, wanted))
		}
		next = line.Rev + 1
	}
	if end == 0 {
		return append(broken, "it did not come to its end")
	}
	expect(end + 1)
	return broken
}

func under(changes []change, prefix string) []change {
	var found []change
	for _, change := range changes {
		if strings.HasPrefix(change.Key, prefix) {
			found = append(found, change)
		}
	}
	return found
}
