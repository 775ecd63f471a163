package main

import (
	"fmt"
	"reflect"
	"unsafe"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"
	"go.etcd.io/raft/v3/tracker"
)

// The library hides most of its state. The oracle compares it all the same, so that a difference is seen in the step
// that makes it, not when it first shows in a message; and it must set the random timeout. So fields are reached by
// their offsets, which are looked up by name once, at the start: another version of the library would fail there.

func fieldOf(structure reflect.Type, name string) reflect.StructField {
	field, ok := structure.FieldByName(name)
	if !ok {
		panic(fmt.Sprintf("%v has no field %s", structure, name))
	}
	return field
}

// offsetOf also makes sure that the field can be read as a T. Named types of the library that nobody outside can name
// pass as what they are made of.
func offsetOf[T any](structure reflect.Type, name string) uintptr {
	field, want := fieldOf(structure, name), reflect.TypeFor[T]()
	if field.Type != want && (want.PkgPath() != "" || field.Type.Kind() != want.Kind()) {
		panic(fmt.Sprintf("%v.%s is a %v, not a %v", structure, name, field.Type, want))
	}
	return field.Offset
}

// innerOf is the offset and the type of a hidden structure, or of what a pointer to one points to.
func innerOf(structure reflect.Type, name string) (uintptr, reflect.Type) {
	field := fieldOf(structure, name)
	if field.Type.Kind() == reflect.Pointer {
		return field.Offset, field.Type.Elem()
	}
	return field.Offset, field.Type
}

func at[T any](base unsafe.Pointer, offset uintptr) T { return *(*T)(unsafe.Add(base, offset)) }

var (
	coreAt, coreType         = innerOf(reflect.TypeFor[raft.RawNode](), "raft")
	logAt, logType           = innerOf(coreType, "raftLog")
	unstableAt, unstableType = innerOf(logType, "unstable")
	readOnlyAt, readOnlyType = innerOf(coreType, "readOnly")

	trackerAt          = offsetOf[tracker.ProgressTracker](coreType, "trk")
	isLearnerAt        = offsetOf[bool](coreType, "isLearner")
	pendingConfIndexAt = offsetOf[uint64](coreType, "pendingConfIndex")
	uncommittedSizeAt  = offsetOf[uint64](coreType, "uncommittedSize")
	earlyReadsAt       = offsetOf[[]*pb.Message](coreType, "pendingReadIndexMessages")
	electionElapsedAt  = offsetOf[int](coreType, "electionElapsed")
	heartbeatElapsedAt = offsetOf[int](coreType, "heartbeatElapsed")
	timeoutAt          = offsetOf[int](coreType, "randomizedElectionTimeout")

	applyingAt       = offsetOf[uint64](logType, "applying")
	applyingSizeAt   = offsetOf[uint64](logType, "applyingEntsSize")
	applyingPausedAt = offsetOf[bool](logType, "applyingEntsPaused")

	snapshotAt           = offsetOf[*pb.Snapshot](unstableType, "snapshot")
	snapshotInProgressAt = offsetOf[bool](unstableType, "snapshotInProgress")
	entriesAt            = offsetOf[[]*pb.Entry](unstableType, "entries")
	offsetAt             = offsetOf[uint64](unstableType, "offset")
	offsetInProgressAt   = offsetOf[uint64](unstableType, "offsetInProgress")

	waitingReadsAt   = offsetOf[[]*struct{}](readOnlyType, "unconfirmedReads")
	confirmedReadsAt = offsetOf[uint64](readOnlyType, "confirmedReads")

	sentCommitAt  = offsetOf[uint64](reflect.TypeFor[tracker.Progress](), "sentCommit")
	windowBytesAt = offsetOf[uint64](reflect.TypeFor[tracker.Inflights](), "bytes")
)

func coreOf(node *raft.RawNode) unsafe.Pointer {
	return at[unsafe.Pointer](unsafe.Pointer(node), coreAt)
}

// setTimeout takes the place of the library's dice.
func setTimeout(node *raft.RawNode, ticks int) {
	*(*int)(unsafe.Add(coreOf(node), timeoutAt)) = ticks
}

func unstableSnapshot(node *raft.RawNode) *pb.Snapshot {
	log := at[unsafe.Pointer](coreOf(node), logAt)
	return at[*pb.Snapshot](unsafe.Add(log, unstableAt), snapshotAt)
}
