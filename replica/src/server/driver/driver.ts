import { Batch, type Command } from '@aegis/proto/replica/command';

import {
  LOCAL_APPEND_THREAD,
  LOCAL_APPLY_THREAD,
  MessageType,
  type Ready,
  type StateType,
} from '../../raft/index.js';
import type { KnownChange } from '../../state/index.js';
import { type Integrity, INTEGRITY_INTERVAL_MS } from '../scrub/integrity.js';
import { SPACE_INTERVAL_MS } from '../space/space-keeper.js';
import { type Components, componentsOf } from './components.js';
import type { Timer } from './environment.js';
import { gateGrowth } from './growth-gate.js';
import { mostCaughtUp } from './leadership.js';
import type { SettleChange } from './membership-changes.js';
import { Outcomes } from './outcomes.js';
import type { DriverParts } from './parts.js';
import { type Desk, PeerInbox } from './peer-inbox.js';
import type { Proposals, Settle } from './proposals.js';
import type { ReadDone } from './reads.js';
import { changeSettings, type SettleSettings, type SharedSettings } from './shared-settings.js';
import { commandsOfNewTerm } from './term-start.js';

const EXPIRE_INTERVAL_MS = 100;
const REMOVAL_INTERVAL_MS = 500;

/**
 * The loop of a replica. Each event-loop turn gathers what sockets and disk brought, and then, once: commands become
 * one proposal, reads join one round, the core's Readys are worked off, one disk write starts, one frame a peer
 * leaves, and one frame a client.
 */
export class Driver {
  readonly #parts: DriverParts;
  readonly #components: Components;
  readonly #inbox: PeerInbox;
  readonly #outcomes: Outcomes;
  readonly #timers: Timer[] = [];
  #scheduled = false;
  #stopped = false;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    const propose = (batch: Omit<Batch, 'stampMs'>): boolean => this.#propose(batch);
    const schedule = (): void => this.schedule();
    this.#components = componentsOf(parts, {
      schedule,
      propose,
      housekeep: (command, settle) => this.#housekeep(command, settle),
      read: (done) => this.read(done),
      handOver: () => this.#handOver(),
      logWritten: (written) => this.#guard(() => this.#outcomes.logWritten(written)),
      applied: (applied, entry) => this.#outcomes.applied(applied, entry),
      membershipApplied: (applied, entry) => this.#outcomes.membershipApplied(applied, entry),
      deliver: (responses) => this.#outcomes.deliver(responses),
      fail: (error) => this.#fail(error),
    });
    const guard = (work: () => unknown): void => this.#guard(work);
    const desk: Desk = { stopped: () => this.#stopped, schedule, guard, propose };
    this.#inbox = new PeerInbox(parts, this.#components, desk);
    this.#outcomes = new Outcomes(parts, this.#components, desk);
  }

  get proposals(): Proposals {
    return this.#components.proposals;
  }

  get integrity(): Integrity {
    return this.#components.integrity;
  }

  get lead(): number {
    return this.#components.leadership.lead;
  }

  get role(): StateType {
    return this.#components.leadership.role;
  }

  /** Entries committed and not yet applied. */
  get applyBacklog(): number {
    return this.#components.applier.waiting;
  }

  async start(): Promise<void> {
    const { transport, environment, settings, raft } = this.#parts;
    await transport.start(this.#inbox);
    this.#hurryFirstElection();
    this.#timers.push(
      environment.every(settings.tickMs, () => {
        raft.tick();
        this.#components.leases.tick();
        this.schedule();
      }),
      environment.every(EXPIRE_INTERVAL_MS, () => {
        this.#components.proposals.expire();
        this.#components.reads.expire(settings.electionTimeoutMs / 2);
        this.#components.membership.expire();
        this.schedule();
      }),
      environment.every(REMOVAL_INTERVAL_MS, () => {
        const commit = this.#components.removal.commitToTell();
        if (commit === undefined) return;
        transport.tellCommit(commit);
        this.schedule();
      }),
      environment.every(settings.compactMs, () => this.#components.compactor.run()),
      environment.every(SPACE_INTERVAL_MS, () =>
        this.#guard(() => {
          this.#components.space.tick();
          this.#components.stalls.tick();
        }),
      ),
      environment.every(INTEGRITY_INTERVAL_MS, () => {
        this.#guard(() => this.#components.integrity.tick());
        this.schedule();
      }),
    );
    this.#outcomes.settleMembership();
    this.schedule();
  }

  /**
   * Where there never was a leader nobody needs to be waited for: of the first election timeout only its random part is left. Later,
   * patience keeps a replica that was started again from bothering those that have a leader.
   */
  #hurryFirstElection(): void {
    const { raft, settings } = this.#parts;
    if (raft.basicStatus().term > 0) return;
    for (let ticks = Math.ceil(settings.electionTimeoutMs / settings.tickMs); ticks > 1; ticks--)
      raft.tickQuiesced();
  }

  /** Ends the loop. What waits is answered; what the log has accepted is on disk when this resolves. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const timer of this.#timers) timer.stop();
    this.#components.proposals.failAll();
    this.#components.reads.failAll();
    this.#components.membership.failAll();
    this.#components.integrity.stop();
    this.#parts.events.turnEnded();
    await this.#parts.transport.stop();
    await this.#components.snapshots.stop();
  }

  /** Proposes a command, here or at the leader; `settle` runs once it is applied here, or has failed. */
  submit(command: Command, settle: Settle): void {
    const gated = gateGrowth(this.#parts.state, command);
    if ('refused' in gated) {
      settle(undefined, gated.refused);
      return;
    }
    this.#components.proposals.submit(gated.command, settle);
    this.schedule();
  }

  /** Runs `done` as soon as what is applied here is at least as new as anything acknowledged before this call. */
  read(done: ReadDone): void {
    this.#components.reads.join(done);
    this.schedule();
  }

  transferLeadership(to: number): void {
    this.#parts.raft.transferLeader(to);
    this.schedule();
  }

  /** Changes the membership if this replica leads; `settle` runs once that is applied here, or has failed. */
  changeMembership(change: KnownChange['change'], settle: SettleChange): void {
    this.#components.membership.request(change, settle);
    this.schedule();
  }

  /** Of the state machine; whether every member knows it has been judged. Nobody but this leader, in this term, proposes it. */
  raiseVersion(version: number, settle: Settle): void {
    this.#housekeep({ call: undefined, op: { $case: 'setClusterVersion', value: { version } } }, settle);
  }

  /** Makes these the cluster's settings, if this replica leads, in this term. They have been judged. */
  shareSettings(wanted: SharedSettings, settle: SettleSettings): void {
    changeSettings(wanted, this.#parts.state, (command, done) => this.#housekeep(command, done), settle);
  }

  /** Whether a member was heard of within an election timeout. */
  live(id: number): boolean {
    return this.#components.membership.guard.live(id);
  }

  /** To the voter whose log reaches furthest. */
  #handOver(): void {
    const target = mostCaughtUp(this.#parts.raft, this.#parts.id);
    if (target !== undefined) this.transferLeadership(target);
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
    this.#components.proposals.gather();
    this.#components.reads.gather();
    const began = this.#parts.environment.monotonicMs();
    do {
      while (raft.hasReady()) this.#handle(raft.ready());
      this.#components.applier.slice(began);
    } while (raft.hasReady());
    this.#components.writer.pump();
    transport.flush();
    events.turnEnded();
    if (this.#components.applier.waiting > 0) this.schedule();
  }

  #handle(ready: Ready): void {
    const { transport } = this.#parts;
    if (ready.softState !== undefined) this.#roleChanged(ready.softState.lead, ready.softState.state);
    for (const read of ready.readStates) this.#components.reads.confirmed(read.index, read.context);
    for (const message of ready.messages) {
      if (message.to === LOCAL_APPEND_THREAD) this.#components.writer.add(message);
      else if (message.to === LOCAL_APPLY_THREAD) this.#components.applier.add(message);
      else if (message.type !== MessageType.MsgSnap) transport.send(message);
      else if (this.#components.leadership.here) this.#components.snapshots.send(message);
    }
    this.#components.reads.applied(this.#parts.state.appliedIndex);
  }

  #roleChanged(lead: number, role: StateType): void {
    const { raft, events } = this.#parts;
    const change = this.#components.leadership.changed(lead, role, raft.basicStatus().term);
    this.#components.proposals.leaderChanged();
    if (change === 'begun') {
      const { settings, state } = this.#parts;
      for (const command of commandsOfNewTerm(settings, state)) this.#housekeep(command, () => {});
    }
    if (change === 'ended') this.#components.snapshots.leadershipLost();
    events.leaderChanged(lead, role);
  }

  #housekeep(command: Command, settle: Settle): void {
    this.#components.proposals.submit(command, settle, true);
    this.schedule();
  }

  /** Stamps and proposes a batch. False: certainly not taken. */
  #propose(batch: Omit<Batch, 'stampMs'>): boolean {
    const { raft } = this.#parts;
    return this.#components.leadership.stamped((stampMs) => {
      return raft.propose(Batch.encode({ ...batch, stampMs }).finish()) === undefined;
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
