package main

import (
	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// member is one replica: the library, its disk, and the work that the library gave out and nobody finished yet.
type member struct {
	id    uint64
	disk  *disk
	node  *raft.RawNode
	async bool
	// Without async storage writes: the Ready in hand.
	ready raft.Ready
	// With them: orders to the two threads, and answers on their way back.
	appends, applies, answers []*pb.Message
}

// start begins a life of the member, from its disk.
func (m *member) start(applied uint64, confState *pb.ConfState, settings string) {
	m.disk.confState = confState
	hardState, _, _ := m.disk.MemoryStorage.InitialState()
	if applied > hardState.GetCommit() {
		m.disk.setCommit(applied)
	}
	config := configOf(m.id, m.disk, applied, settings)
	m.async = config.AsyncStorageWrites
	m.appends, m.applies, m.answers = nil, nil, nil
	m.ready = raft.Ready{}
	node, err := raft.NewRawNode(config)
	must(err)
	m.node = node
}

// takeReady takes a Ready and gives back what is free to go to others.
func (m *member) takeReady(t *text) []*pb.Message {
	if !m.node.HasReady() {
		t.add("nothing")
		return nil
	}
	rd := m.node.Ready()
	t.ready(&rd)
	if !m.async {
		m.ready = rd
		return rd.Messages
	}
	var others []*pb.Message
	for _, message := range rd.Messages {
		switch message.GetType() {
		case pb.MsgStorageAppend:
			m.appends = append(m.appends, message)
		case pb.MsgStorageApply:
			m.applies = append(m.applies, message)
		default:
			others = append(others, message)
		}
	}
	return others
}

func (m *member) write() {
	m.disk.write(m.ready.HardState, m.ready.Snapshot, m.ready.Entries)
}

// appendNext does the next order of the append thread, and gives back the answers to others.
func (m *member) appendNext() []*pb.Message {
	order := m.appends[0]
	m.appends = m.appends[1:]
	hardState := &pb.HardState{
		Term:   new(order.GetTerm()),
		Vote:   new(order.GetVote()),
		Commit: new(order.GetCommit()),
	}
	m.disk.write(hardState, order.GetSnapshot(), order.GetEntries())
	return m.respond(order)
}

func (m *member) respond(order *pb.Message) (others []*pb.Message) {
	for _, response := range order.GetResponses() {
		if response.GetTo() == m.id {
			m.answers = append(m.answers, response)
		} else {
			others = append(others, response)
		}
	}
	return others
}

// apply applies what is due. Of each membership change the schedule tells whether the application lets it pass. Entries
// that a snapshot has overtaken are no longer applied.
func (m *member) apply(t *text, decisions string) []*pb.Message {
	entries := m.ready.CommittedEntries
	var order *pb.Message
	if m.async {
		order = m.applies[0]
		m.applies = m.applies[1:]
		entries = order.GetEntries()
	}
	t.add("applied")
	for _, entry := range entries {
		if entry.GetType() == pb.EntryNormal || entry.GetIndex() < m.firstIndex() {
			continue
		}
		allowed := decisions[0] == 'y'
		decisions = decisions[1:]
		if !allowed {
			continue
		}
		t.add(" conf=")
		t.confState(m.node.ApplyConfChange(changeIn(entry)))
	}
	if order == nil {
		return nil
	}
	return m.respond(order)
}

// firstIndex of the log as the library sees it: a snapshot that is not written yet counts.
func (m *member) firstIndex() uint64 {
	if snapshot := unstableSnapshot(m.node); snapshot != nil {
		return snapshot.GetMetadata().GetIndex() + 1
	}
	first, err := m.disk.FirstIndex()
	must(err)
	return first
}

func changeIn(entry *pb.Entry) pb.ConfChangeI {
	if entry.GetType() == pb.EntryConfChange {
		change := &pb.ConfChange{}
		must(proto.Unmarshal(entry.GetData(), change))
		return change
	}
	change := &pb.ConfChangeV2{}
	must(proto.Unmarshal(entry.GetData(), change))
	return change
}
