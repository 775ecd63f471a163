package main

import (
	"encoding/hex"
	"strconv"
	"strings"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
)

// Reading the fields of a call. A call that cannot be read is a bug of the harness, so these panic.

func number(text string) uint64 {
	value, err := strconv.ParseUint(text, 10, 64)
	must(err)
	return value
}

// limit reads a size; "max" has no limit.
func limit(text string) uint64 {
	if text == "max" {
		return 1<<64 - 1
	}
	return number(text)
}

func flag(text string) bool { return text == "1" }

func numbers(text string) []uint64 {
	if text == "" {
		return nil
	}
	var list []uint64
	for part := range strings.SplitSeq(text, ",") {
		list = append(list, number(part))
	}
	return list
}

// bytesOf reads hexadecimal; nothing is nil.
func bytesOf(text string) []byte {
	if text == "" {
		return nil
	}
	data, err := hex.DecodeString(text)
	must(err)
	return data
}

// confStateOf reads "voters;outgoing;learners;next learners;auto-leave".
func confStateOf(text string) *pb.ConfState {
	part := strings.Split(text, ";")
	return &pb.ConfState{
		Voters:         numbers(part[0]),
		VotersOutgoing: numbers(part[1]),
		Learners:       numbers(part[2]),
		LearnersNext:   numbers(part[3]),
		AutoLeave:      new(flag(part[4])),
	}
}

// configOf reads the settings of a member, in the order of the library's own Config.
func configOf(id uint64, storage raft.Storage, applied uint64, text string) *raft.Config {
	part := strings.Split(text, ",")
	return &raft.Config{
		ID:                          id,
		Storage:                     storage,
		Applied:                     applied,
		Logger:                      quiet{},
		ElectionTick:                int(number(part[0])),
		HeartbeatTick:               int(number(part[1])),
		AsyncStorageWrites:          flag(part[2]),
		MaxSizePerMsg:               limit(part[3]),
		MaxCommittedSizePerReady:    limit(part[4]),
		MaxUncommittedEntriesSize:   limit(part[5]),
		MaxInflightMsgs:             int(number(part[6])),
		MaxInflightBytes:            limit(part[7]),
		CheckQuorum:                 flag(part[8]),
		PreVote:                     flag(part[9]),
		ReadOnlyOption:              raft.ReadOnlyOption(number(part[10])),
		DisableProposalForwarding:   flag(part[11]),
		DisableConfChangeValidation: flag(part[12]),
		StepDownOnRemoval:           flag(part[13]),
	}
}

// changeOf reads a configuration change: "1:type.id:context", or "2:transition:type.id+type.id:context".
func changeOf(text string) pb.ConfChangeI {
	part := strings.Split(text, ":")
	if part[0] == "1" {
		kind, id := singleOf(part[1])
		return &pb.ConfChange{Type: kind, NodeId: id, Context: bytesOf(part[2])}
	}
	change := &pb.ConfChangeV2{
		Transition: pb.ConfChangeTransition(number(part[1])).Enum(),
		Context:    bytesOf(part[3]),
	}
	if part[2] != "" {
		for single := range strings.SplitSeq(part[2], "+") {
			kind, id := singleOf(single)
			change.Changes = append(change.Changes, &pb.ConfChangeSingle{Type: kind, NodeId: id})
		}
	}
	return change
}

func singleOf(text string) (*pb.ConfChangeType, *uint64) {
	kind, id, _ := strings.Cut(text, ".")
	return pb.ConfChangeType(number(kind)).Enum(), new(number(id))
}

// entryOf reads a proposed entry: "n" and its payload, or a configuration change.
func entryOf(text string) *pb.Entry {
	if text[0] == 'n' {
		return &pb.Entry{Data: bytesOf(text[1:])}
	}
	kind, data, err := pb.MarshalConfChange(changeOf(text))
	must(err)
	return &pb.Entry{Type: kind.Enum(), Data: data}
}
