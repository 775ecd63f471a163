package main

import (
	"encoding/hex"
	"maps"
	"slices"
	"strconv"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
)

// Texts of what comes out of the library. `describe.ts` writes the same of our core; both are compared byte by byte.

type text []byte

func (t *text) add(s string) { *t = append(*t, s...) }

func (t *text) number(label string, value uint64) {
	t.add(label)
	*t = strconv.AppendUint(*t, value, 10)
}

func (t *text) flag(label string, value bool) {
	if value {
		t.add(label)
	}
}

// member writes an id; the two local threads are no members.
func (t *text) member(id uint64) {
	switch id {
	case raft.LocalAppendThread:
		t.add("append-thread")
	case raft.LocalApplyThread:
		t.add("apply-thread")
	default:
		t.number("", id)
	}
}

// shownBytes of a payload are compared, and its length. Neither core looks into payloads.
const shownBytes = 64

func (t *text) payload(label string, data []byte) {
	if len(data) == 0 {
		return
	}
	t.add(label)
	*t = hex.AppendEncode(*t, data[:min(len(data), shownBytes)])
	if len(data) > shownBytes {
		t.number("+", uint64(len(data)))
	}
}

func (t *text) ids(label string, ids []uint64) {
	t.add(label)
	for i, id := range ids {
		if i > 0 {
			t.add(",")
		}
		t.number("", id)
	}
}

// confState has sorted lists: the library fills them from maps.
func (t *text) confState(cs *pb.ConfState) {
	sorted := func(ids []uint64) []uint64 { return slices.Sorted(slices.Values(ids)) }
	t.ids("", sorted(cs.GetVoters()))
	t.ids(";", sorted(cs.GetVotersOutgoing()))
	t.ids(";", sorted(cs.GetLearners()))
	t.ids(";", sorted(cs.GetLearnersNext()))
	if cs.GetAutoLeave() {
		t.add(";1")
	} else {
		t.add(";0")
	}
}

// entry: an entry that took the place of a refused change says its type although it is the default, which makes it two
// bytes longer.
func (t *text) entry(e *pb.Entry) {
	t.number("", e.GetTerm())
	t.number("/", e.GetIndex())
	t.number(".", uint64(e.GetType()))
	t.flag("!", e.Type != nil && e.GetType() == pb.EntryNormal)
	t.payload(".", e.GetData())
}

func (t *text) entries(label string, entries []*pb.Entry) {
	if len(entries) == 0 {
		return
	}
	t.add(label)
	for i, e := range entries {
		if i > 0 {
			t.add(" ")
		}
		t.entry(e)
	}
	t.add("]")
}

func (t *text) snapshot(label string, s *pb.Snapshot) {
	if s == nil {
		return
	}
	t.number(label, s.GetMetadata().GetTerm())
	t.number("/", s.GetMetadata().GetIndex())
	t.add("(")
	t.confState(s.GetMetadata().GetConfState())
	t.add(")")
	t.payload(".", s.GetData())
}

func (t *text) message(m *pb.Message) {
	t.add(messageNames[m.GetType()])
	t.add(" ")
	t.member(m.GetFrom())
	t.add(">")
	t.member(m.GetTo())
	t.number(" term=", m.GetTerm())
	t.number(" log=", m.GetLogTerm())
	t.number("/", m.GetIndex())
	t.number(" commit=", m.GetCommit())
	t.number(" vote=", m.GetVote())
	t.flag(" reject", m.GetReject())
	t.number(" hint=", m.GetRejectHint())
	t.payload(" context=", m.GetContext())
	t.entries(" entries=[", m.GetEntries())
	t.snapshot(" snapshot=", m.GetSnapshot())
	if len(m.GetResponses()) > 0 {
		t.add(" responses=")
		t.messages(m.GetResponses())
	}
}

func (t *text) messages(messages []*pb.Message) {
	t.add("{")
	for i, m := range messages {
		if i > 0 {
			t.add("; ")
		}
		t.message(m)
	}
	t.add("}")
}

func (t *text) ready(rd *raft.Ready) {
	t.add("ready")
	t.flag(" sync", rd.MustSync)
	if rd.SoftState != nil {
		t.add(" soft=")
		t.add(roleNames[rd.RaftState])
		t.number("/", rd.Lead)
	}
	if !raft.IsEmptyHardState(rd.HardState) {
		t.number(" hard=", rd.GetTerm())
		t.number("/", rd.GetVote())
		t.number("/", rd.GetCommit())
	}
	for _, read := range rd.ReadStates {
		t.number(" read=", read.Index)
		t.payload(".", read.RequestCtx)
	}
	t.entries(" entries=[", rd.Entries)
	if !raft.IsEmptySnap(rd.Snapshot) {
		t.snapshot(" snapshot=", rd.Snapshot)
	}
	t.entries(" committed=[", rd.CommittedEntries)
	if len(rd.Messages) > 0 {
		t.add(" messages=")
		t.messages(rd.Messages)
	}
}

func (t *text) set(label string, ids map[uint64]struct{}) {
	if len(ids) > 0 {
		t.ids(label, slices.Sorted(maps.Keys(ids)))
	}
}

var roleNames = [...]string{"follower", "candidate", "leader", "pre-candidate"}

var messageNames = func() (names [24]string) {
	for i := range names {
		names[i] = pb.MessageType(i).String()
	}
	return
}()
