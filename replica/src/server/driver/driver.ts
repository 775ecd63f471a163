import { Batch, Command } from '@aegis/proto/replica/command';
import type { ForwardedBatch, ForwardRefused, StateHash } from '@aegis/proto/replica/peer';

import {
  LOCAL_APPEND_THREAD,
  LOCAL_APPLY_THREAD,
  type Entry,
  type Message,
  MessageType,
  type RawNode,
  type Ready,
  type StateType,
} from '../../raft/index.js';
import type { Applied, KnownChange, Membership, StateMachine } from '../../state/index.js';
import type { PeerReceiver, PeerTransport, SnapshotLink, SnapshotLinkEvents } from '../peer/transport.js';
import { Integrity, INTEGRITY_INTERVAL_MS, type IntegrityOptions } from '../scrub/integrity.js';
import { type SnapshotOptions, Snapshots } from '../snapshot/snapshots.js';
import { isFullDisk } from '../space/full-disk.js';
import { type DiskSpace, SPACE_INTERVAL_MS, SpaceKeeper } from '../space/space-keeper.js';
import { Applier } from './applier.js';
import type { AppliedChange } from './apply-membership.js';
import { type CompactableLog, type CompactionLimits, Compactor } from './compactor.js';
import type { Environment, Timer } from './environment.js';
import { gateGrowth } from './growth-gate.js';
import { Leadership, mostCaughtUp } from './leadership.js';
import { LeaseKeeper } from './lease-keeper.js';
import { LogWriter, type WritableLog, type Written } from './log-writer.js';
import { MembershipChanges, type SettleChange } from './membership-changes.js';
import { Proposals, type Settle } from './proposals.js';
import { Reads, type ReadDone } from './reads.js';
import { Removal } from './removal.js';

export interface DriverSettings {
  readonly tickMs: number;
  readonly electionTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly pendingCommandsMax: number;
  readonly pendingBytesMax: number;
  readonly batchCommandsMax: number;
  readonly batchBytesMax: number;
  readonly batchDelayMs: number;
  readonly leaseExpiryPerTick: number;
  readonly leaseMinTtlMs: number;
  readonly leaseMaxTtlMs: number;
  readonly kvQuotaBytes: number;
  readonly compaction: CompactionLimits;
  /** How often the log is compacted, if that is worth it. */
  readonly compactMs: number;
}

/** What the driver tells the rest of the replica. */
export interface DriverEvents {
  applied(applied: Applied, entry: Entry): void;
  /** Leader or role changed; `lead` is 0 while none is known. */
  leaderChanged(lead: number, role: StateType): void;
  logWritten(elapsedMs: number): void;
  appliedIn(elapsedMs: number, entries: number): void;
  /** Other members, or other roles of theirs. */
  membershipChanged(entry: Entry): void;
  /** That this membership is in force is on disk: it will not be forgotten, and whoever it leaves out may be told. */
  membershipSettled(membership: Membership): void;
  /** This replica is no member any more: it has to end. Said once; `how` it is known. */
  removed(how: string): void;
  /** The state is another one now, that of a snapshot: what was between was not applied here. */
  stateReplaced(): void;
  /** The end of a turn: frames for clients leave now. */
  turnEnded(): void;
  /** The process cannot go on: a failed sync, an unknown command, a broken invariant. */
  fatal(error: unknown): void;
}

export interface DriverParts {
  readonly id: number;
  /** Names this life of the process in batches and reads; below 2^53. */
  readonly origin: number;
  readonly raft: RawNode;
  readonly log: WritableLog & CompactableLog;
  readonly state: StateMachine;
  readonly transport: PeerTransport;
  readonly environment: Environment;
  readonly settings: DriverSettings;
  readonly events: DriverEvents;
  readonly snapshots: SnapshotOptions;
  readonly space: DiskSpace;
  readonly integrity: IntegrityOptions;
}

const EXPIRE_INTERVAL_MS = 100;

/**
 * The loop of a replica. Each event-loop turn gathers what sockets and disk brought, and then, once: commands become
 * one proposal, reads join one round, the core's Readys are worked off, one disk write starts, one frame a peer
 * leaves, and one frame a client.
 */
export class Driver implements PeerReceiver {
  readonly #parts: DriverParts;
  readonly proposals: Proposals;
  readonly integrity: Integrity;
  readonly #reads: Reads;
  readonly #writer: LogWriter;
  readonly #leases: LeaseKeeper;
  readonly #snapshots: Snapshots;
  readonly #compactor: Compactor;
  readonly #applier: Applier;
  readonly #space: SpaceKeeper;
  readonly #timers: Timer[] = [];
  readonly #leadership: Leadership;
  readonly #membership: MembershipChanges;
  readonly #removal: Removal;
  #scheduled = false;
  #stopped = false;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    const { environment, settings, raft, origin } = parts;
    this.#leadership = new Leadership(environment);
    this.proposals = new Proposals(
      environment,
      {
        leader: () =>
          this.lead === 0 ? undefined : { term: raft.basicStatus().term, here: this.#leadership.here },
        propose: (batch) => this.#propose(batch),
        forward: (batch) =>
          parts.transport.forward(this.lead, {
            ...batch,
            commands: batch.commands.map((command) => Buffer.from(Command.encode(command).finish())),
          }),
        wake: () => this.schedule(),
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
    this.#reads = new Reads(environment, origin, settings.requestTimeoutMs, (context) =>
      raft.readIndex(context),
    );
    this.#writer = new LogWriter(
      parts.log,
      parts.log.hardState,
      () => environment.monotonicMs(),
      (written) => this.#guard(() => this.#logWritten(written)),
      (error) => this.#fail(error),
      raft.basicStatus().commit,
    );
    const { electionTimeoutMs } = settings;
    this.#removal = new Removal(parts.id, parts.state, (how) => {
      this.#membership.ended();
      parts.events.removed(how);
    });
    this.#membership = new MembershipChanges({
      ...parts,
      leadership: this.#leadership,
      timeoutMs: settings.requestTimeoutMs,
      electionTimeoutMs,
      read: (done) => this.read(done),
      propose: (command, settle) => this.#housekeep(command, settle),
    });
    this.#applier = new Applier(parts, {
      membershipApplied: (applied, entry) => this.#membershipApplied(applied, entry),
      applied: (applied, entry) => this.#applied(applied, entry),
      deliver: (responses) => this.#deliver(responses),
      appliedIn: (elapsedMs, entries) => {
        this.#reads.applied(parts.state.appliedIndex);
        parts.events.appliedIn(elapsedMs, entries);
      },
    });
    this.#leases = new LeaseKeeper(environment, parts.state, {
      leading: () => this.#leadership.here,
      lastStampAt: () => this.#leadership.lastStampAt,
      expiryLimit: () => settings.leaseExpiryPerTick,
      propose: (command, settle) => this.#housekeep(command, settle),
    });
    const fatal = (error: unknown): void => this.#fail(error);
    const schedule = (): void => this.schedule();
    this.#snapshots = new Snapshots({ ...parts, ...parts.snapshots, schedule, fatal });
    this.#compactor = new Compactor(
      parts.log,
      parts.state,
      settings.compaction,
      () => this.#snapshots.oldestNeeded(),
      (error) => {
        // A full disk is tried again; it may be that nothing but a compaction can make room.
        if (!isFullDisk(error)) this.#fail(error);
      },
    );
    this.integrity = new Integrity({
      ...parts,
      ...parts.integrity,
      leading: () => this.#leadership.here,
      propose: (command, settled) => this.#housekeep(command, (_result, failed) => settled(failed)),
      tell: (to, hashes) => parts.transport.tell(to, hashes),
    });
    this.#space = new SpaceKeeper(parts.id, environment, parts.space, {
      hasAlarm: (alarm) => parts.state.hasAlarm(alarm),
      propose: (command, settle) => {
        this.proposals.submit(command, settle);
        schedule();
      },
      stalled: () => this.#writer.stalled,
      retry: () => this.#writer.retry(),
      leading: () => this.#leadership.here,
      handOver: () => this.#handOver(),
      failed: fatal,
    });
  }

  get lead(): number {
    return this.#leadership.lead;
  }

  get role(): StateType {
    return this.#leadership.role;
  }

  /** Entries committed and not yet applied. */
  get applyBacklog(): number {
    return this.#applier.waiting;
  }

  async start(): Promise<void> {
    const { transport, environment, settings, raft } = this.#parts;
    await transport.start(this);
    this.#timers.push(
      environment.every(settings.tickMs, () => {
        raft.tick();
        this.#leases.tick();
        this.schedule();
      }),
      environment.every(EXPIRE_INTERVAL_MS, () => {
        this.proposals.expire();
        this.#reads.expire(settings.electionTimeoutMs / 2);
        this.#membership.expire();
        this.schedule();
      }),
      environment.every(settings.compactMs, () => this.#compactor.run()),
      environment.every(SPACE_INTERVAL_MS, () => this.#guard(() => this.#space.tick())),
      environment.every(INTEGRITY_INTERVAL_MS, () => {
        this.#guard(() => this.integrity.tick());
        this.schedule();
      }),
    );
    this.#settleMembership();
    this.schedule();
  }

  /** Ends the loop. What waits is answered; what the log has accepted is on disk when this resolves. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const timer of this.#timers) timer.stop();
    this.proposals.failAll();
    this.#reads.failAll();
    this.#membership.failAll();
    this.integrity.stop();
    this.#parts.events.turnEnded();
    await this.#parts.transport.stop();
    await this.#snapshots.stop();
  }

  /** Proposes a command, here or at the leader; `settle` runs once it is applied here, or has failed. */
  submit(command: Command, settle: Settle): void {
    const gated = gateGrowth(this.#parts.state, command);
    if ('refused' in gated) {
      settle(undefined, gated.refused);
      return;
    }
    this.proposals.submit(gated.command, settle);
    this.schedule();
  }

  /** Runs `done` as soon as what is applied here is at least as new as anything acknowledged before this call. */
  read(done: ReadDone): void {
    this.#reads.join(done);
    this.schedule();
  }

  transferLeadership(to: number): void {
    this.#parts.raft.transferLeader(to);
    this.schedule();
  }

  /** Changes the membership if this replica leads; `settle` runs once that is applied here, or has failed. */
  changeMembership(change: KnownChange['change'], settle: SettleChange): void {
    this.#membership.request(change, settle);
    this.schedule();
  }

  /** Of the state machine; whether every member knows it has been judged. Nobody but this leader, in this term, proposes it. */
  raiseVersion(version: number, settle: Settle): void {
    this.#housekeep({ call: undefined, op: { $case: 'setClusterVersion', value: { version } } }, settle);
  }

  /** Whether a member was heard of within an election timeout. */
  live(id: number): boolean {
    return this.#membership.guard.live(id);
  }

  /** To the voter whose log reaches furthest. */
  #handOver(): void {
    const target = mostCaughtUp(this.#parts.raft, this.#parts.id);
    if (target !== undefined) this.transferLeadership(target);
  }

  // ---- what peers send ----

  message(message: Message): void {
    if (this.#stopped) return;
    // Two followers that each take the other for the leader would pass a forwarded read back and forth for ever.
    if (message.type === MessageType.MsgReadIndex && !this.#leadership.here) return;
    // Comes with its state, on a connection of its own.
    if (message.type === MessageType.MsgSnap) return;
    this.#membership.guard.heard(message.from);
    this.#guard(() => this.#parts.raft.step(message));
    this.schedule();
  }

  forwarded(from: number, batch: ForwardedBatch): void {
    if (this.#stopped) return;
    const { raft, transport } = this.#parts;
    const { origin, number, term } = batch;
    const accepted =
      this.#leadership.here &&
      raft.basicStatus().term === term &&
      this.#propose({
        version: 1,
        origin,
        number,
        commands: batch.commands.map((bytes) => Command.decode(bytes)),
      });
    if (!accepted) transport.refuse(from, { origin, number });
    this.schedule();
  }

  forwardRefused(refused: ForwardRefused): void {
    this.proposals.refused(refused.origin, refused.number);
    this.schedule();
  }

  hashes(from: number, hashes: readonly StateHash[]): void {
    if (!this.#stopped) this.#guard(() => this.integrity.heard(from, hashes));
  }

  unreachable(peer: number): void {
    if (this.#stopped) return;
    this.#parts.raft.reportUnreachable(peer);
    this.schedule();
  }

  refusedAsRemoved(peer: number): void {
    this.#removal.refusedBy(peer);
  }

  snapshotLink(from: number, link: SnapshotLink): SnapshotLinkEvents {
    return this.#snapshots.link(from, link);
  }

  // ---- the turn ----

  schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.#parts.environment.endOfTurn(() => {
      this.#scheduled = false;
      if (!this.#stopped) this.#guard(() => this.#turn());
    });
  }

  #turn(): void {
    const { raft, transport, events } = this.#parts;
    this.proposals.gather();
    this.#reads.gather();
    const began = this.#parts.environment.monotonicMs();
    do {
      while (raft.hasReady()) this.#handle(raft.ready());
      this.#applier.slice(began);
    } while (raft.hasReady());
    this.#writer.pump();
    transport.flush();
    events.turnEnded();
    if (this.#applier.waiting > 0) this.schedule();
  }

  #handle(ready: Ready): void {
    const { transport } = this.#parts;
    if (ready.softState !== undefined) this.#roleChanged(ready.softState.lead, ready.softState.state);
    for (const read of ready.readStates) this.#reads.confirmed(read.index, read.context);
    for (const message of ready.messages) {
      if (message.to === LOCAL_APPEND_THREAD) this.#writer.add(message);
      else if (message.to === LOCAL_APPLY_THREAD) this.#applier.add(message);
      else if (message.type !== MessageType.MsgSnap) transport.send(message);
      else if (this.#leadership.here) this.#snapshots.send(message);
    }
    this.#reads.applied(this.#parts.state.appliedIndex);
  }

  #roleChanged(lead: number, role: StateType): void {
    const { raft, events } = this.#parts;
    const change = this.#leadership.changed(lead, role, raft.basicStatus().term);
    this.proposals.leaderChanged();
    if (change === 'begun') this.#beginTerm();
    if (change === 'ended') this.#snapshots.leadershipLost();
    events.leaderChanged(lead, role);
  }

  /** Lease time goes on at once (rule 2); the settings that apply can see become this leader's. */
  #beginTerm(): void {
    const { settings, state } = this.#parts;
    this.#housekeep({ call: undefined, op: { $case: 'advance', value: {} } }, () => {});
    const { leaseMinTtlMs, leaseMaxTtlMs, kvQuotaBytes } = settings;
    if (state.kv.quotaBytes !== kvQuotaBytes) {
      const quota = { quotaBytes: kvQuotaBytes };
      this.#housekeep({ call: undefined, op: { $case: 'setKvQuota', value: quota } }, () => {});
    }
    const known = state.leaseSettings;
    if (known.leaseMinTtlMs === leaseMinTtlMs && known.leaseMaxTtlMs === leaseMaxTtlMs) return;
    const value = { leaseMinTtlMs, leaseMaxTtlMs };
    this.#housekeep({ call: undefined, op: { $case: 'setLeaseSettings', value } }, () => {});
  }

  #housekeep(command: Command, settle: Settle): void {
    this.proposals.submit(command, settle, true);
    this.schedule();
  }

  /** Stamps and proposes a batch. False: certainly not taken. */
  #propose(batch: Omit<Batch, 'stampMs'>): boolean {
    const { raft } = this.#parts;
    return this.#leadership.stamped((stampMs) => {
      return raft.propose(Batch.encode({ ...batch, stampMs }).finish()) === undefined;
    });
  }

  // ---- what disk and state machine did ----

  #logWritten({ responses, elapsedMs, snapshot }: Written): void {
    if (this.#stopped) return;
    if (elapsedMs !== undefined) this.#parts.events.logWritten(elapsedMs);
    if (snapshot !== undefined) {
      this.#snapshots.install(snapshot);
      this.proposals.jumpedOver(snapshot.metadata.term);
      this.#membership.jumpedOver();
      this.integrity.stateReplaced();
      this.#parts.events.stateReplaced();
      this.#parts.events.membershipSettled(this.#parts.state.membership!);
      this.#removal.check();
    }
    this.#deliver(responses);
    this.schedule();
  }

  #deliver(responses: readonly Message[]): void {
    const { id, raft, transport } = this.#parts;
    for (const message of responses) {
      if (message.to === id) this.#guard(() => raft.step(message));
      else transport.send(message);
    }
  }

  #applied(applied: Applied, entry: Entry): void {
    this.integrity.applied(applied.scrub);
    // The entry with which a leader begins its term carries no stamp.
    if (entry.data.length > 0) this.#leadership.applied(entry.term, applied.stampMs);
    // Answers before events: who is told "queued" is then ready to be told of the grant.
    this.proposals.applied(entry.term, applied.origin, applied.number, applied.results);
    this.#membership.termApplied(entry.term);
    this.#parts.events.applied(applied, entry);
  }

  #membershipApplied(applied: AppliedChange, entry: Entry): void {
    this.proposals.termApplied(entry.term);
    this.#parts.events.membershipChanged(entry);
    this.#membership.applied(entry.term, applied);
    this.integrity.applied(false);
    this.#removal.check();
    this.#settleMembership();
  }

  /** Others are told only of a membership that this replica will not forget to be in force. */
  #settleMembership(): void {
    const { state, events } = this.#parts;
    const membership = state.membership!;
    this.#writer.settleCommit(() => {
      if (!this.#stopped) events.membershipSettled(membership);
    });
  }

  #guard(work: () => unknown): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#parts.events.fatal(error);
  }
}
