package main

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

type leaseState int

const (
	notGranted leaseState = iota
	alive
	gone
)

// leaseModel: a lease is granted once, and once gone it never comes back. "expire" may come at any time after the TTL of
// the last renewal that was answered, counted from its call, and not before.
var leaseModel = porcupine.Model{
	Init: func() interface{} { return notGranted },
	Step: func(state, in, _ interface{}) (bool, interface{}) {
		s, op := state.(leaseState), in.(operation)
		switch op.Op {
		case "grant":
			return s == notGranted, alive
		case "keepalive":
			return (s == alive) == (op.Output.TTLMs > 0), s
		case "ttl":
			return (s == alive) == op.Output.Found, s
		case "revoke-lease":
			if op.Outcome == unknown {
				return true, max(s, gone)
			}
			return (s == alive) == op.Output.Found, gone
		case "expire":
			return s != notGranted, gone
		}
		panic("no such operation: " + op.Op)
	},
	DescribeOperation: func(in, _ interface{}) string {
		op := in.(operation)
		return fmt.Sprintf("%s → TTL %d ms, found %v (%s)", op.Op, op.Output.TTLMs, op.Output.Found, op.Outcome)
	},
	DescribeState: func(state interface{}) string {
		return [...]string{"not granted", "alive", "gone"}[state.(leaseState)]
	},
}

// How much faster or slower than ours the clock of a leader may have run: the nemesis makes them drift by up to 0.1 %.
const driftPercent = 1

// The time that a span of lease time takes at least, and at most, where nothing holds it up. In nanoseconds.
func shortest(span int64) int64 { return span * (100 - driftPercent) / 100 }
func longest(span int64) int64  { return span * (100 + driftPercent) / 100 }

func checkLeases(leases map[string][]operation, folder string, v *verdict) {
	histories := map[string][]porcupine.Operation{}
	for name, operations := range leases {
		for _, op := range leaseCalls(operations) {
			histories[name] = append(histories[name], porcupine.Operation{
				ClientId: op.Client, Input: op, Call: op.Call, Return: op.Return,
			})
		}
	}
	v.linearizable(leaseModel, histories, folder)
}

// leaseCalls leaves out what tells nothing and adds the expiry. Of a lease whose grant was not answered nothing is known.
func leaseCalls(operations []operation) []operation {
	var calls []operation
	expires := int64(0)
	for _, op := range operations {
		switch {
		case op.Outcome == ok:
			if op.Output.TTLMs > 0 {
				expires = max(expires, op.Call+shortest(op.Output.TTLMs*1e6))
			}
		case op.Outcome == unknown && op.Op == "revoke-lease":
			op.Return = never
		default:
			continue
		}
		calls = append(calls, op)
	}
	if expires == 0 {
		return nil
	}
	expiry := operation{Op: "expire", Client: calls[0].Client, Key: calls[0].Key, Call: expires, Return: never, Outcome: unknown}
	return append(calls, expiry)
}
