import { entriesSize } from './entry-size.js';
import { leaveJointData } from './conf-change/codec.js';
import type { Core } from './core.js';
import { stepLeader } from './leader.js';
import { message, MessageType } from './message.js';
import { release } from './proposals.js';
import { EntryType, StateType, type Entry, type Snapshot } from './types.js';

/** The state machine holds these entries now. */
export function entriesApplied(core: Core, entries: readonly Entry[]): void {
  const last = entries[entries.length - 1];
  if (last === undefined) return;
  appliedTo(core, last.index, entriesSize(entries, core.settings.entrySize));
  release(core, entries);
}

/** State machine and storage hold this snapshot now. */
export function snapshotApplied(core: Core, snapshot: Snapshot): void {
  core.log.unstable.stableSnapshotTo(snapshot.metadata.index);
  appliedTo(core, snapshot.metadata.index, 0);
}

function appliedTo(core: Core, index: number, size: number): void {
  const applied = Math.max(index, core.log.applied);
  core.log.appliedTo(applied, size);
  if (!core.tracker.config.autoLeave || applied < core.pendingConfIndex || core.state !== StateType.Leader)
    return;
  // Entering the joint configuration is applied here: now leave it. If a transfer drops this proposal, the next
  // applied entry tries again, here or at the next leader.
  const leave = { term: 0, index: 0, type: EntryType.ConfChangeV2, data: leaveJointData };
  const error = stepLeader(core, message({ type: MessageType.MsgProp, entries: [leave] }));
  core.logger.info?.(
    `${core.id} ${error === undefined ? 'leaves' : 'cannot leave yet'} the joint configuration`,
  );
}
