package main

import (
	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
)

// disk is what a member keeps across a crash: the library's own MemoryStorage, with two things that it lacks. The
// configuration at a start belongs to the applied index of that start, and a snapshot can be in the making.
type disk struct {
	*raft.MemoryStorage
	confState *pb.ConfState
	busy      bool
}

func (d *disk) InitialState() (*pb.HardState, *pb.ConfState, error) {
	hardState, _, err := d.MemoryStorage.InitialState()
	return hardState, d.confState, err
}

func (d *disk) Snapshot() (*pb.Snapshot, error) {
	if d.busy {
		return nil, raft.ErrSnapshotTemporarilyUnavailable
	}
	return d.MemoryStorage.Snapshot()
}

// setCommit changes the stored commit index alone: a start raises it to what is applied, and a crash may have lost
// what was written without a sync.
func (d *disk) setCommit(commit uint64) {
	hardState, _, _ := d.MemoryStorage.InitialState()
	must(d.SetHardState(&pb.HardState{
		Term:   new(hardState.GetTerm()),
		Vote:   new(hardState.GetVote()),
		Commit: new(commit),
	}))
}

// write stores what a Ready or a MsgStorageAppend asks for.
func (d *disk) write(hardState *pb.HardState, snapshot *pb.Snapshot, entries []*pb.Entry) {
	if !raft.IsEmptyHardState(hardState) {
		must(d.SetHardState(hardState))
	}
	if !raft.IsEmptySnap(snapshot) {
		must(d.ApplySnapshot(snapshot))
	}
	must(d.Append(entries))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
