package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
)

// store is every change that the cluster says in the end it has made.
type store struct {
	// By revision.
	changes map[int64][]change
	newest  int64
	// At which revision a value was written. No two writes of a run have the same value.
	writtenAt map[string]int64
}

// readStore checks that all replicas tell one history, that its revisions leave nothing out, and that it follows from
// itself.
func readStore(lines []finalLine, v *verdict) *store {
	byReplica := map[int][]finalLine{}
	for _, line := range lines {
		byReplica[line.Replica] = append(byReplica[line.Replica], line)
	}
	replicas := make([]int, 0, len(byReplica))
	for replica := range byReplica {
		replicas = append(replicas, replica)
	}
	sort.Ints(replicas)
	s := &store{changes: map[int64][]change{}, newest: 1, writtenAt: map[string]int64{}}
	if len(replicas) == 0 {
		v.rule("the final history", []string{"no replica has told it"})
		return s
	}
	first := byReplica[replicas[0]]
	var differences []string
	for _, replica := range replicas[1:] {
		if difference := firstDifference(first, byReplica[replica]); difference != "" {
			differences = append(differences, fmt.Sprintf("replicas %d and %d: %s", replicas[0], replica, difference))
		}
	}
	v.rule("all replicas have one history", differences)

	var gaps, repeated []string
	for _, line := range first {
		if line.Rev != s.newest+1 {
			gaps = append(gaps, fmt.Sprintf("revision %d follows on %d", line.Rev, s.newest))
		}
		s.newest = line.Rev
		s.changes[line.Rev] = append(s.changes[line.Rev], line.Events...)
		for _, event := range line.Events {
			if event.Type != "put" {
				continue
			}
			if at, known := s.writtenAt[event.Value]; known {
				repeated = append(repeated, fmt.Sprintf("value %s is written at revisions %d and %d", event.Value, at, line.Rev))
			}
			s.writtenAt[event.Value] = line.Rev
		}
	}
	v.rule("revisions grow by one", gaps)
	v.rule("nothing is written twice", repeated)
	v.rule("versions and revisions of keys follow from the changes", s.inconsistencies())
	return s
}

func firstDifference(a, b []finalLine) string {
	for at := range min(len(a), len(b)) {
		if a[at].Rev != b[at].Rev || !reflect.DeepEqual(a[at].Events, b[at].Events) {
			return fmt.Sprintf("at revision %d one has %v, at revision %d the other %v", a[at].Rev, a[at].Events, b[at].Rev, b[at].Events)
		}
	}
	if len(a) != len(b) {
		return fmt.Sprintf("one has %d revisions, the other %d", len(a), len(b))
	}
	return ""
}

// inconsistencies replays the changes and compares what each says of its key.
func (s *store) inconsistencies() []string {
	var found []string
	keys := map[string]kv{}
	for rev := int64(2); rev <= s.newest; rev++ {
		seen := map[string]bool{}
		for _, event := range s.changes[rev] {
			before, exists := keys[event.Key]
			if seen[event.Key] {
				found = append(found, fmt.Sprintf("revision %d changes %s twice", rev, event.Key))
			}
			seen[event.Key] = true
			if event.Mod != rev {
				found = append(found, fmt.Sprintf("revision %d has a change of revision %d", rev, event.Mod))
			}
			if event.Type == "delete" {
				if !exists {
					found = append(found, fmt.Sprintf("revision %d deletes %s, which does not exist", rev, event.Key))
				}
				delete(keys, event.Key)
				continue
			}
			version, create := before.Version+1, before.Create
			if !exists {
				create = rev
			}
			if event.Version != version || event.Create != create {
				found = append(found, fmt.Sprintf("revision %d gives %s version %d created at %d; it should be %d and %d",
					rev, event.Key, event.Version, event.Create, version, create))
			}
			keys[event.Key] = event.kv
		}
	}
	return found
}

// checkAcknowledged holds every acknowledged write against the final history, and every change against the writes.
func checkAcknowledged(operations []operation, s *store, v *verdict) {
	refused := map[string]bool{}
	asked := map[string]bool{}
	var missing []string
	for _, op := range operations {
		for _, value := range valuesOf(op) {
			if op.Outcome == fail {
				refused[value] = true
			} else {
				asked[value] = true
			}
		}
		if op.Outcome != ok {
			continue
		}
		for _, lost := range lostOf(op, s) {
			missing = append(missing, fmt.Sprintf("%s of client %d on %s, acknowledged at revision %d: %s",
				op.Op, op.Client, op.Key, op.Output.Rev, lost))
		}
	}
	v.rule("acknowledged writes are there in the end", missing)
	var unasked []string
	for value, rev := range s.writtenAt {
		if refused[value] {
			unasked = append(unasked, fmt.Sprintf("revision %d has value %s, whose write was refused for certain", rev, value))
		} else if !asked[value] {
			unasked = append(unasked, fmt.Sprintf("revision %d has value %s, which nobody wrote", rev, value))
		}
	}
	sort.Strings(unasked)
	v.rule("what was refused has no effect", unasked)
}

func valuesOf(op operation) []string {
	switch op.Op {
	case "put":
		return []string{op.Input.Value}
	case "txn":
		var values []string
		for _, list := range [][]step{op.Input.Then, op.Input.Else} {
			for _, step := range list {
				if step.Do == "put" {
					values = append(values, step.Value)
				}
			}
		}
		return values
	}
	return nil
}

// lostOf says which changes of an acknowledged operation the store does not have at its revision.
func lostOf(op operation, s *store) []string {
	var lost []string
	has := func(kind, key, value string) {
		for _, event := range s.changes[op.Output.Rev] {
			if event.Type == kind && event.Key == op.Key+"/"+key && (kind == "delete" || event.Value == value) {
				return
			}
		}
		lost = append(lost, strings.TrimSpace(kind+" of "+key+" "+value))
	}
	switch op.Op {
	case "put":
		has("put", op.Input.Key, op.Input.Value)
	case "delete":
		if op.Output.Deleted > 0 && op.Input.Key != "" {
			has("delete", op.Input.Key, "")
		}
	case "txn":
		for at, step := range branch(op) {
			if step.Do == "put" {
				has("put", step.Key, step.Value)
			} else if step.Do == "delete" && op.Output.Responses[at].Deleted > 0 {
				has("delete", step.Key, "")
			}
		}
	}
	return lost
}

func branch(op operation) []step {
	if op.Output.Succeeded {
		return op.Input.Then
	}
	return op.Input.Else
}
