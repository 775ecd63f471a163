package main

import (
	"maps"
	"slices"
	"unsafe"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
)

// status writes the whole state of a member, hidden or not, but for its storage.
func (t *text) status(node *raft.RawNode) {
	basic := node.BasicStatus()
	core := coreOf(node)
	log := at[unsafe.Pointer](core, logAt)
	unstable := unsafe.Add(log, unstableAt)
	reads := at[unsafe.Pointer](core, readOnlyAt)
	members := (*tracker.ProgressTracker)(unsafe.Add(core, trackerAt))

	t.add(roleNames[basic.RaftState])
	t.number(" term=", basic.GetTerm())
	t.number(" vote=", basic.GetVote())
	t.number(" lead=", basic.Lead)
	t.number(" commit=", basic.GetCommit())
	t.number(" applying=", at[uint64](log, applyingAt))
	t.number("+", at[uint64](log, applyingSizeAt))
	t.flag("!", at[bool](log, applyingPausedAt))
	t.number(" applied=", basic.Applied)
	t.number(" unstable=", at[uint64](unstable, offsetAt))
	t.number("/", at[uint64](unstable, offsetInProgressAt))
	t.number("+", uint64(len(at[[]*pb.Entry](unstable, entriesAt))))
	t.snapshot(" snapshot=", at[*pb.Snapshot](unstable, snapshotAt))
	t.flag("!", at[bool](unstable, snapshotInProgressAt))
	t.number(" elapsed=", uint64(at[int](core, electionElapsedAt)))
	t.number("/", uint64(at[int](core, heartbeatElapsedAt)))
	t.number(" pending=", at[uint64](core, pendingConfIndexAt))
	t.number(" uncommitted=", at[uint64](core, uncommittedSizeAt))
	t.number(" reads=", uint64(len(at[[]*struct{}](reads, waitingReadsAt))))
	t.number("/", at[uint64](reads, confirmedReadsAt))
	t.number("+", uint64(len(at[[]*pb.Message](core, earlyReadsAt))))
	t.number(" transferee=", basic.LeadTransferee)
	t.flag(" learner", at[bool](core, isLearnerAt))
	t.flag(" has-ready", node.HasReady())
	t.set(" voters=", members.Voters[0])
	t.set(" outgoing=", members.Voters[1])
	t.set(" learners=", members.Learners)
	t.set(" learners-next=", members.LearnersNext)
	t.flag(" auto-leave", members.AutoLeave)
	for _, id := range slices.Sorted(maps.Keys(members.Votes)) {
		t.number(" vote-of-", id)
		t.flag("+", members.Votes[id])
	}
	for _, id := range slices.Sorted(maps.Keys(members.Progress)) {
		t.progress(id, members.Progress[id])
	}
}

func (t *text) progress(id uint64, p *tracker.Progress) {
	t.number(" ", id)
	t.add(progressNames[p.State])
	t.number("", p.Match)
	t.number("<", p.Next)
	t.number(",", at[uint64](unsafe.Pointer(p), sentCommitAt))
	t.number(",", p.PendingSnapshot)
	t.number(",", uint64(p.Inflights.Count()))
	t.number("+", at[uint64](unsafe.Pointer(p.Inflights), windowBytesAt))
	t.flag("full", p.Inflights.Full())
	t.flag("active", p.RecentActive)
	t.flag("paused", p.MsgAppFlowPaused)
	t.flag("learner", p.IsLearner)
}

var progressNames = [...]string{":probe ", ":replicate ", ":snapshot "}
