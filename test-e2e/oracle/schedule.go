package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
)

// world is one schedule: its members, and all messages that they ever sent to each other, by number.
type world struct {
	members map[uint64]*member
	sent    []*pb.Message
}

// runSchedule does the calls and describes what each did, a line a call. A panic of the library is an outcome as well,
// and the last one.
func runSchedule(calls string) (outcomes []byte, note string) {
	w := &world{members: map[uint64]*member{}}
	var t text
	for line := range strings.Lines(calls) {
		before := len(t)
		if note = w.call(&t, strings.Split(strings.TrimSuffix(line, "\n"), " ")); note != "" {
			t = append(t[:before], "panic\n"...)
			break
		}
		t.add("\n")
	}
	return t, note
}

// call does one call: its name, its member, its arguments; the last is the random timeout that the member has after it.
func (w *world) call(t *text, words []string) (note string) {
	defer func() {
		if reason := recover(); reason != nil {
			note = fmt.Sprintf("%v\n%s", reason, debug.Stack())
		}
	}()
	id := number(words[1])
	m := w.members[id]
	if m == nil {
		m = &member{id: id}
		w.members[id] = m
	}
	timeout := words[len(words)-1]
	w.do(t, m, words[0], words[2:len(words)-1])
	if m.node != nil {
		setTimeout(m.node, int(number(timeout)))
		t.add(" | ")
		t.status(m.node)
	}
	return ""
}

func (w *world) do(t *text, m *member, name string, args []string) {
	switch name {
	case "disk":
		m.disk = newDisk(args[0], args[1], args[2])
		t.add("ok")
	case "start":
		m.start(number(args[0]), confStateOf(args[1]), args[2])
		t.add("ok")
	case "crash":
		m.node = nil
		if commit := number(args[0]); commit != 0 {
			m.disk.setCommit(commit)
		}
		t.add("ok")
	case "bootstrap":
		var peers []raft.Peer
		for _, id := range numbers(args[0]) {
			peers = append(peers, raft.Peer{ID: id})
		}
		t.result(m.node.Bootstrap(peers))
	case "tick":
		m.node.Tick()
		t.add("ok")
	case "tick-quiesced":
		m.node.TickQuiesced()
		t.add("ok")
	case "campaign":
		t.result(m.node.Campaign())
	case "propose":
		t.result(propose(m, args[0]))
	case "read":
		m.node.ReadIndex(bytesOf(args[0]))
		t.add("ok")
	case "transfer":
		m.node.TransferLeader(number(args[0]))
		t.add("ok")
	case "forget-leader":
		t.result(m.node.ForgetLeader())
	case "unreachable":
		m.node.ReportUnreachable(number(args[0]))
		t.add("ok")
	case "snapshot-status":
		status := raft.SnapshotFailure
		if flag(args[1]) {
			status = raft.SnapshotFinish
		}
		m.node.ReportSnapshot(number(args[0]), status)
		t.add("ok")
	case "deliver":
		t.result(m.node.Step(w.copyOf(number(args[0]))))
	case "forge":
		kind := pb.MessageType(number(args[0]))
		t.result(m.node.Step(&pb.Message{Type: kind.Enum(), From: new(number(args[1])), To: new(m.id)}))
	case "ready":
		w.send(m.takeReady(t))
	case "write":
		m.write()
		t.add("ok")
	case "apply":
		w.send(m.apply(t, args[0]))
	case "advance":
		m.node.Advance(m.ready)
		m.ready = raft.Ready{}
		t.add("ok")
	case "append":
		w.send(m.appendNext())
		t.add("ok")
	case "answer":
		answer := m.answers[0]
		m.answers = m.answers[1:]
		t.result(m.node.Step(answer))
	case "snapshot":
		_, err := m.disk.CreateSnapshot(number(args[0]), confStateOf(args[1]), bytesOf(args[2]))
		t.result(err)
	case "compact":
		t.result(m.disk.Compact(number(args[0])))
	case "busy":
		m.disk.busy = flag(args[0])
		t.add("ok")
	default:
		panic("unknown call " + name)
	}
}

// newDisk begins with a snapshot of some earlier life, or empty.
func newDisk(index, term, confState string) *disk {
	d := &disk{MemoryStorage: raft.NewMemoryStorage()}
	if index == "0" {
		return d
	}
	must(d.ApplySnapshot(&pb.Snapshot{Metadata: &pb.SnapshotMetadata{
		Index:     new(number(index)),
		Term:      new(number(term)),
		ConfState: confStateOf(confState),
	}}))
	must(d.SetHardState(&pb.HardState{
		Term:   new(number(term)),
		Vote:   new(uint64(0)),
		Commit: new(number(index)),
	}))
	return d
}

func propose(m *member, items string) error {
	list := strings.Split(items, ",")
	if len(list) > 1 {
		proposal := &pb.Message{Type: pb.MsgProp.Enum(), From: new(m.id)}
		for _, item := range list {
			proposal.Entries = append(proposal.Entries, entryOf(item))
		}
		return m.node.Step(proposal)
	}
	if items[0] == 'n' {
		return m.node.Propose(bytesOf(items[1:]))
	}
	return m.node.ProposeConfChange(changeOf(items))
}

func (w *world) send(messages []*pb.Message) { w.sent = append(w.sent, messages...) }

// copyOf a message, as the wire makes one: a member may change what it is given, and a message can arrive twice.
// Entries are never changed by anybody.
func (w *world) copyOf(number uint64) *pb.Message {
	m := w.sent[number]
	return &pb.Message{
		Type: m.Type, To: m.To, From: m.From, Term: m.Term, LogTerm: m.LogTerm, Index: m.Index,
		Entries: append([]*pb.Entry(nil), m.Entries...), Commit: m.Commit, Vote: m.Vote, Snapshot: m.Snapshot,
		Reject: m.Reject, RejectHint: m.RejectHint, Context: m.Context,
	}
}

// result writes which error it was; texts may differ, identity may not.
func (t *text) result(err error) {
	switch err {
	case nil:
		t.add("ok")
	case raft.ErrProposalDropped:
		t.add("PROPOSAL_DROPPED")
	case raft.ErrStepLocalMsg:
		t.add("STEP_LOCAL_MESSAGE")
	case raft.ErrStepPeerNotFound:
		t.add("STEP_PEER_NOT_FOUND")
	case raft.ErrCompacted:
		t.add("COMPACTED")
	case raft.ErrUnavailable:
		t.add("UNAVAILABLE")
	case raft.ErrSnapOutOfDate:
		t.add("SNAPSHOT_OUT_OF_DATE")
	default:
		t.add("error " + err.Error())
	}
}
