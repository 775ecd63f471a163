// Command histories judges what clients of AEGIS saw while replicas were broken: it reads the files of one run
// (README.md) and prints a verdict as JSON. Exit status 0: nothing was wrong; 1: something was; 2: the files cannot be
// read.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: histories FOLDER")
		os.Exit(2)
	}
	run, err := readRun(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "histories:", err)
		os.Exit(2)
	}
	verdict := judge(run, os.Args[1])
	if err := json.NewEncoder(os.Stdout).Encode(verdict); err != nil {
		fmt.Fprintln(os.Stderr, "histories:", err)
		os.Exit(2)
	}
	if verdict.Failed > 0 {
		os.Exit(1)
	}
}

// judge makes every check. Pictures of histories that are not linearizable go into the folder; "" means none.
func judge(run *run, folder string) *verdict {
	v := &verdict{Lines: []string{}}
	store := readStore(run.final, v)
	groups, locks, leases := partition(run.operations)
	checkRealTimeOrder(run.operations, v)
	checkAcknowledged(run.operations, store, v)
	checkGroups(groups, store, folder, v)
	checkLocks(locks, folder, v)
	checkHolds(run.operations, v)
	checkTokens(run.operations, v)
	checkRests(run.operations, v)
	checkLeases(leases, folder, v)
	checkLeaseEnds(leases, timelineOf(run), v)
	checkWatches(run.watches, store, v)
	return v
}

// partition sorts the operations by what is checked together.
func partition(all []operation) (groups, locks, leases map[string][]operation) {
	groups, locks, leases = map[string][]operation{}, map[string][]operation{}, map[string][]operation{}
	for _, op := range all {
		switch op.Op {
		case "get", "range", "put", "delete", "txn", "revoke":
			groups[op.Key] = append(groups[op.Key], op)
		case "acquire", "release", "describe", "hold":
			locks[op.Key] = append(locks[op.Key], op)
		case "grant", "keepalive", "ttl", "revoke-lease":
			leases[op.Key] = append(leases[op.Key], op)
		}
	}
	return groups, locks, leases
}
