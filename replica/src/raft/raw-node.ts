import { assert } from './assert.js';
import { bootstrapCore, type Peer } from './bootstrap.js';
import { encodeConfChange } from './conf-change/codec.js';
import { asV2, type AnyConfChange } from './conf-change/conf-change.js';
import type { Config } from './config.js';
import type { Core } from './core.js';
import { entriesSize } from './entry-size.js';
import { stepLocalMessage, stepPeerNotFound, type RaftError } from './errors.js';
import { applyConfChange } from './membership.js';
import {
  isLocalMessage,
  isLocalTarget,
  isResponseMessage,
  message,
  MessageType,
  type Message,
} from './message.js';
import type { Ready } from './ready.js';
import { startCore } from './start.js';
import { basicStatusOf, statusOf, type BasicStatus, type Status } from './status.js';
import { step } from './step.js';
import {
  appendResponse,
  applyResponse,
  needsAppendResponse,
  storageAppend,
  storageApply,
} from './storage-messages.js';
import { tick } from './tick.js';
import { EntryType, NONE, type ConfState, type Entry, type ReadState, StateType } from './types.js';

const noReadStates: readonly ReadState[] = Object.freeze([]);
const noEntries: readonly Entry[] = Object.freeze([]);

/**
 * One replica of the consensus group, without threads, clocks or I/O. The driver calls `tick` in time, `step` with what
 * peers send, and takes `ready` whenever `hasReady`; nothing leaves the core in any other way.
 */
export class RawNode {
  private readonly core: Core;
  private readonly async: boolean;
  // As last told by a Ready.
  private prevLead: number;
  private prevState: StateType;
  private prevTerm: number;
  private prevVote: number;
  private prevCommit: number;
  /** Own messages that the accepted Ready's completion sets free. Empty unless a Ready waits for `advance`. */
  private onAdvance: Message[] = [];

  /** Throws INVALID_CONFIG, and InvariantViolation when what is stored contradicts itself. */
  constructor(config: Config) {
    const core = startCore(config);
    this.core = core;
    this.async = core.settings.asyncStorageWrites;
    this.prevLead = core.lead;
    this.prevState = core.state;
    this.prevTerm = core.term;
    this.prevVote = core.vote;
    this.prevCommit = core.log.committed;
  }

  tick(): void {
    tick(this.core);
  }

  /** Lets time pass without acting on it, for a group that its caller has put to sleep. */
  tickQuiesced(): void {
    this.core.electionElapsed++;
  }

  campaign(): RaftError | undefined {
    return step(this.core, message({ type: MessageType.MsgHup }));
  }

  propose(data: Uint8Array): RaftError | undefined {
    return this.proposeMany([data]);
  }

  /** Appends all in one go, in order, or none. */
  proposeMany(datas: readonly Uint8Array[]): RaftError | undefined {
    const entries = datas.map((data): Entry => ({ term: 0, index: 0, type: EntryType.Normal, data }));
    return step(this.core, message({ type: MessageType.MsgProp, from: this.core.id, entries }));
  }

  proposeConfChange(change: AnyConfChange): RaftError | undefined {
    const entry: Entry = { term: 0, index: 0, ...encodeConfChange(change) };
    return step(this.core, message({ type: MessageType.MsgProp, entries: [entry] }));
  }

  /**
   * To be called when a committed change is applied, unless the application turns it down. With async storage writes a
   * snapshot may overtake entries that already wait to be applied: an entry below `basicStatus().firstIndex` is part of
   * it and must be skipped, because the snapshot's configuration is active already.
   */
  applyConfChange(change: AnyConfChange): ConfState {
    return applyConfChange(this.core, asV2(change));
  }

  /** Takes a message from a peer, or from a local storage thread. */
  step(m: Message): RaftError | undefined {
    if (!isLocalTarget(m.from)) {
      if (isLocalMessage(m.type)) return stepLocalMessage;
      if (isResponseMessage(m.type) && this.core.progress(m.from) === undefined) return stepPeerNotFound;
    }
    return step(this.core, m);
  }

  readIndex(context: Uint8Array): void {
    const entries: Entry[] = [{ term: 0, index: 0, type: EntryType.Normal, data: context }];
    step(this.core, message({ type: MessageType.MsgReadIndex, entries }));
  }

  transferLeader(to: number): void {
    step(this.core, message({ type: MessageType.MsgTransferLeader, from: to }));
  }

  forgetLeader(): RaftError | undefined {
    return step(this.core, message({ type: MessageType.MsgForgetLeader }));
  }

  /** The last message to `id` could not be sent. */
  reportUnreachable(id: number): void {
    step(this.core, message({ type: MessageType.MsgUnreachable, from: id }));
  }

  /** Sending a snapshot to `id` ended. Until this is told or the follower acknowledges, nothing else is sent to it. */
  reportSnapshot(id: number, ok: boolean): void {
    step(this.core, message({ type: MessageType.MsgSnapStatus, from: id, reject: !ok }));
  }

  bootstrap(peers: readonly Peer[]): RaftError | undefined {
    const error = bootstrapCore(this.core, peers);
    if (error === undefined) {
      // Nothing is stored yet, so the first Ready must carry the hard state whatever it is.
      this.prevTerm = 0;
      this.prevVote = NONE;
      this.prevCommit = 0;
    }
    return error;
  }

  status(): Status {
    return statusOf(this.core);
  }

  basicStatus(): BasicStatus {
    return basicStatusOf(this.core);
  }

  /** The term of an entry as this member has it, on its disk or on the way there; undefined: compacted, or not there. */
  termAt(index: number): number | undefined {
    const term = this.core.log.term(index);
    return term < 0 ? undefined : term;
  }

  /**
   * Somebody knows this entry to be committed. If it is in this log, it is known here, too: logs that agree about an entry agree about
   * all before it. Not in etcd's library. (TiKV's lets votes carry it, for the same reason.)
   */
  learnCommitted(index: number, term: number): void {
    const { state, log } = this.core;
    // A leader counts for itself, and nobody's configuration changes between an election's votes.
    if (state === StateType.Follower || state === StateType.PreCandidate) log.maybeCommit(index, term);
  }

  get randomizedElectionTimeout(): number {
    return this.core.randomizedElectionTimeout;
  }

  /** For tests and scripts; drawn anew at the next change of role or term. */
  setRandomizedElectionTimeout(ticks: number): void {
    this.core.randomizedElectionTimeout = ticks;
  }

  private softStateChanged(): boolean {
    return this.core.lead !== this.prevLead || this.core.state !== this.prevState;
  }

  private hardStateChanged(): boolean {
    const { core } = this;
    return (
      core.term !== this.prevTerm || core.vote !== this.prevVote || core.log.committed !== this.prevCommit
    );
  }

  /** Whether `ready` would carry anything. Cheap: compares numbers, allocates nothing. */
  hasReady(): boolean {
    const { core } = this;
    const { log } = core;
    return (
      core.messages.length > 0 ||
      core.messagesAfterAppend.length > 0 ||
      log.unstable.hasNextEntries() ||
      log.hasNextCommitted(!this.async) ||
      this.hardStateChanged() ||
      this.softStateChanged() ||
      core.readStates.length > 0 ||
      log.unstable.nextSnapshot() !== undefined
    );
  }

  /** Everything there is to do, handed over once. Without async storage writes, `advance` must follow. */
  ready(): Ready {
    const { core } = this;
    const { log } = core;
    assert(this.onAdvance.length === 0, 'ready was called again before advance');
    const entries = log.unstable.hasNextEntries() ? log.unstable.nextEntries() : noEntries;
    const rd: Ready = {
      softState: this.softStateChanged() ? { lead: core.lead, state: core.state } : undefined,
      hardState: this.hardStateChanged()
        ? { term: core.term, vote: core.vote, commit: log.committed }
        : undefined,
      readStates: core.readStates.length > 0 ? core.readStates : noReadStates,
      entries,
      snapshot: log.unstable.nextSnapshot(),
      committedEntries: log.hasNextCommitted(!this.async) ? log.nextCommitted(!this.async) : noEntries,
      messages: core.messages,
      mustSync: entries.length > 0 || core.term !== this.prevTerm || core.vote !== this.prevVote,
    };
    if (this.async) this.addStorageMessages(rd, core.messages);
    else this.addWaitingMessages(rd, core.messages);
    this.accept(rd);
    return rd;
  }

  private addStorageMessages(rd: Ready, messages: Message[]): void {
    const append = storageAppend(this.core, rd);
    if (append !== undefined) messages.push(append);
    const apply = storageApply(this.core, rd);
    if (apply !== undefined) messages.push(apply);
  }

  /** The driver writes before it sends, so others' messages go out with this Ready and own ones wait for `advance`. */
  private addWaitingMessages(rd: Ready, messages: Message[]): void {
    const { core } = this;
    for (const m of core.messagesAfterAppend) {
      if (m.to === core.id) this.onAdvance.push(m);
      else messages.push(m);
    }
    if (needsAppendResponse(core, rd.snapshot)) this.onAdvance.push(appendResponse(core, rd.snapshot));
    if (rd.committedEntries.length > 0) this.onAdvance.push(applyResponse(core, rd.committedEntries));
  }

  private accept(rd: Ready): void {
    const { core } = this;
    this.prevLead = core.lead;
    this.prevState = core.state;
    this.prevTerm = core.term;
    this.prevVote = core.vote;
    this.prevCommit = core.log.committed;
    // What was handed out belongs to the driver now, empty or not.
    core.messages = [];
    core.messagesAfterAppend = [];
    if (core.readStates.length > 0) core.readStates = [];
    core.log.unstable.acceptInProgress();
    const last = rd.committedEntries[rd.committedEntries.length - 1];
    if (last !== undefined) {
      core.log.acceptApplying(
        last.index,
        entriesSize(rd.committedEntries, core.settings.entrySize),
        !this.async,
      );
    }
  }

  /** The last Ready is written, sent and applied. */
  advance(): void {
    assert(!this.async, 'with async storage writes their responses take the place of advance');
    const messages = this.onAdvance;
    this.onAdvance = [];
    for (const m of messages) step(this.core, m);
  }
}
