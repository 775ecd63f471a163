import { type Batch, Command } from '@aegis/proto/replica/command';

import type { Entry, Message } from '../../raft/index.js';
import type { Applied } from '../../state/index.js';
import { Integrity } from '../scrub/integrity.js';
import { Snapshots } from '../snapshot/snapshots.js';
import { isFullDisk } from '../space/full-disk.js';
import { SpaceKeeper } from '../space/space-keeper.js';
import { Applier } from './applier.js';
import type { AppliedChange } from './apply-membership.js';
import { Compactor } from './compactor.js';
import { isLeftBehind, Leadership } from './leadership.js';
import { LeaseKeeper } from './lease-keeper.js';
import { LogWriter, type Written } from './log-writer.js';
import { MembershipChanges } from './membership-changes.js';
import type { DriverParts } from './parts.js';
import { Proposals, type Settle } from './proposals.js';
import { type ReadDone, Reads } from './reads.js';
import { Removal } from './removal.js';
import { StallWatch } from './stall-watch.js';

/** What the loop turns: each knows one thing, and none of the others. */
export interface Components {
  readonly leadership: Leadership;
  readonly proposals: Proposals;
  readonly reads: Reads;
  readonly writer: LogWriter;
  readonly applier: Applier;
  readonly leases: LeaseKeeper;
  readonly membership: MembershipChanges;
  readonly removal: Removal;
  readonly snapshots: Snapshots;
  readonly compactor: Compactor;
  readonly integrity: Integrity;
  readonly space: SpaceKeeper;
  readonly stalls: StallWatch;
}

/** What they ask of the loop. */
export interface Loop {
  /** Asks for a turn. */
  schedule(): void;
  /** Stamps and proposes a batch. False: certainly not taken. */
  propose(batch: Omit<Batch, 'stampMs'>): boolean;
  /** Proposes what is this leader's own business, in this term only. */
  housekeep(command: Command, settle: Settle): void;
  read(done: ReadDone): void;
  /** Has another voter lead, if there is one. */
  handOver(): void;
  logWritten(written: Written): void;
  applied(applied: Applied, entry: Entry): void;
  membershipApplied(applied: AppliedChange, entry: Entry): void;
  /** Takes what the core is to hear once something is on disk or applied. */
  deliver(responses: readonly Message[]): void;
  /** The process cannot go on. */
  fail(error: unknown): void;
}

export function componentsOf(parts: DriverParts, loop: Loop): Components {
  const { id, environment, settings, raft, origin, state, transport, events } = parts;
  const leadership = new Leadership(environment);
  const leading = (): boolean => leadership.here;
  const housekeep = (command: Command, settle: Settle): void => loop.housekeep(command, settle);
  const proposals = new Proposals(
    environment,
    {
      leader: () =>
        leadership.lead === 0 ? undefined : { term: raft.basicStatus().term, here: leadership.here },
      propose: (batch) => loop.propose(batch),
      forward: (batch) =>
        transport.forward(leadership.lead, {
          ...batch,
          commands: batch.commands.map((command) => Buffer.from(Command.encode(command).finish())),
        }),
      wake: () => loop.schedule(),
    },
    origin,
    {
      pendingMax: settings.pendingCommandsMax,
      waitingBytesMax: settings.pendingBytesMax,
      batchCommandsMax: settings.batchCommandsMax,
      batchBytesMax: settings.batchBytesMax,
      delayMs: settings.batchDelayMs,
      timeoutMs: settings.requestTimeoutMs,
    },
  );
  const reads = new Reads(environment, origin, settings.requestTimeoutMs, (context) =>
    raft.readIndex(context),
  );
  const writer = new LogWriter(
    parts.log,
    parts.log.hardState,
    () => environment.monotonicMs(),
    (written) => loop.logWritten(written),
    (error) => loop.fail(error),
    raft.basicStatus().commit,
  );
  const membership = new MembershipChanges({
    ...parts,
    leadership,
    timeoutMs: settings.requestTimeoutMs,
    electionTimeoutMs: settings.electionTimeoutMs,
    read: (done) => loop.read(done),
    propose: housekeep,
  });
  const removal = new Removal(parts, (how) => {
    membership.ended();
    events.removed(how);
  });
  const applier = new Applier(parts, {
    membershipApplied: (applied, entry) => loop.membershipApplied(applied, entry),
    applied: (applied, entry) => loop.applied(applied, entry),
    deliver: (responses) => loop.deliver(responses),
    appliedIn: (elapsedMs, entries) => {
      reads.applied(state.appliedIndex);
      events.appliedIn(elapsedMs, entries);
    },
  });
  const leases = new LeaseKeeper(environment, state, {
    leading,
    lastStampAt: () => leadership.lastStampAt,
    expiryLimit: () => state.leaseSettings.leaseExpiryPerTick || settings.leaseExpiryPerTick,
    propose: housekeep,
  });
  const schedule = (): void => loop.schedule();
  const fatal = (error: unknown): void => loop.fail(error);
  const snapshots = new Snapshots({ ...parts, ...parts.snapshots, schedule, fatal });
  const compactor = new Compactor(
    parts.log,
    state,
    settings.compaction,
    () => snapshots.oldestNeeded(),
    (error) => {
      // A full disk is tried again; it may be that nothing but a compaction can make room.
      if (!isFullDisk(error)) loop.fail(error);
    },
  );
  const integrity = new Integrity({
    ...parts,
    ...parts.integrity,
    leading,
    propose: (command, settled) => housekeep(command, (_result, failed) => settled(failed)),
    tell: (to, hashes) => transport.tell(to, hashes),
  });
  const space = new SpaceKeeper(id, environment, parts.space, {
    hasAlarm: (alarm) => state.hasAlarm(alarm),
    propose: (command, settle) => {
      proposals.submit(command, settle);
      loop.schedule();
    },
    stalled: () => writer.stalled,
    retry: () => writer.retry(),
    failed: fatal,
  });
  const stalls = new StallWatch(settings.electionTimeoutMs, {
    writingSince: () => writer.writingSince,
    leftBehind: () => leading() && isLeftBehind(raft, id),
    handOver: () => loop.handOver(),
  });
  return {
    leadership,
    proposals,
    reads,
    writer,
    applier,
    leases,
    membership,
    removal,
    snapshots,
    compactor,
    integrity,
    space,
    stalls,
  };
}
