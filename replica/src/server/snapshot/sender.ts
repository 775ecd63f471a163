import { type Message, type RawNode } from '../../raft/index.js';
import type { StateMachine } from '../../state/index.js';
import type { Environment, Timer } from '../driver/environment.js';
import type { PeerTransport } from '../peer/transport.js';
import type { SnapshotEvents } from './events.js';
import { OutgoingSnapshot, type Sent } from './outgoing.js';

export interface SenderParts {
  /** Names this life of the process. */
  readonly origin: number;
  readonly raft: RawNode;
  readonly state: StateMachine;
  readonly transport: PeerTransport;
  readonly environment: Environment;
  readonly bytesPerSecond: number;
  readonly chunkBytes: number;
  readonly events: SnapshotEvents;
  /** The core was told something. */
  readonly schedule: () => void;
}

/**
 * After a failure the core is told so late: it answers with the next try, and the cause has not gone away. Doubled with each
 * failure in a row: a follower whose disk has no room for it would be sent most of a state over and over.
 */
const FAILURE_HOLD_MS_MIN = 1000;
const FAILURE_HOLD_MS_MAX = 30_000;
/** For so long the log waits for a follower that goes on from its snapshot. */
const CATCH_UP_MS_MAX = 60_000;

/** A follower that holds its snapshot and has yet to fetch what was written during the transfer. */
interface CatchingUp {
  readonly index: number;
  /** Applied here when the transfer ended: with this the follower is up to date. */
  readonly upTo: number;
  readonly untilMs: number;
}

/** Sends snapshots in the place of the core's MsgSnap, one at a time to a follower. */
export class SnapshotSender {
  readonly #parts: SenderParts;
  readonly #transfers = new Map<number, OutgoingSnapshot>();
  readonly #holds = new Map<number, Timer>();
  /** In a row. */
  readonly #failures = new Map<number, number>();
  readonly #catchingUp = new Map<number, CatchingUp>();
  readonly #closing = new Set<Promise<void>>();
  #count = 0;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** The log has to keep the entries after this one: followers will go on from there. Infinity: it need not. */
  oldestNeeded(): number {
    let oldest = Infinity;
    for (const { offer } of this.#transfers.values()) oldest = Math.min(oldest, offer.index);
    if (this.#catchingUp.size === 0) return oldest;
    const now = this.#parts.environment.monotonicMs();
    const { progress } = this.#parts.raft.status();
    for (const [to, { index, upTo, untilMs }] of this.#catchingUp) {
      const match = progress.get(to)?.match ?? Infinity;
      if (match >= upTo || now > untilMs) this.#catchingUp.delete(to);
      else oldest = Math.min(oldest, Math.max(index, match));
    }
    return oldest;
  }

  /** Takes a MsgSnap of the core, which names no more than what the state was at that moment; it is sent as it is now. */
  send(message: Message): void {
    const { to, term } = message;
    const { raft, state, origin } = this.#parts;
    // The core is told when these have ended.
    if (this.#transfers.has(to) || this.#holds.has(to)) return;
    if (state.appliedIndex + 1 < raft.basicStatus().firstIndex) {
      this.#failed(to, { ok: false, reason: 'the state is behind the log', bytes: 0 });
      return;
    }
    const view = state.view();
    const offer = {
      id: `${origin}-${++this.#count}`,
      term,
      index: view.index,
      logTerm: view.term,
      stateVersion: view.version,
    };
    const transfer = new OutgoingSnapshot(to, offer, view, this.#parts, (sent) => this.#ended(to, sent));
    this.#transfers.set(to, transfer);
    this.#parts.events.sending(to, offer);
  }

  /** Leadership is lost, or the process stops. Nothing is reported. */
  cancelAll(): void {
    for (const hold of this.#holds.values()) hold.stop();
    this.#holds.clear();
    this.#failures.clear();
    this.#catchingUp.clear();
    for (const [to, transfer] of this.#transfers) {
      this.#close(transfer);
      this.#parts.events.sent(to, { ok: false, reason: 'cancelled', bytes: transfer.bytes });
    }
    this.#transfers.clear();
  }

  /** Resolves when the views of all transfers that ended so far are closed. */
  async closed(): Promise<void> {
    await Promise.all(this.#closing);
  }

  #close(transfer: OutgoingSnapshot): void {
    const closing = transfer.cancel().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  #ended(to: number, sent: Sent): void {
    const { raft, state, environment, events, schedule } = this.#parts;
    const transfer = this.#transfers.get(to)!;
    this.#close(transfer);
    this.#transfers.delete(to);
    if (!sent.ok) {
      this.#failed(to, sent);
      return;
    }
    this.#failures.delete(to);
    const untilMs = environment.monotonicMs() + CATCH_UP_MS_MAX;
    this.#catchingUp.set(to, { index: transfer.offer.index, upTo: state.appliedIndex, untilMs });
    events.sent(to, sent);
    raft.reportSnapshot(to, true);
    schedule();
  }

  #failed(to: number, sent: Sent): void {
    const { raft, events, environment, schedule } = this.#parts;
    events.sent(to, sent);
    const failures = this.#failures.get(to) ?? 0;
    this.#failures.set(to, failures + 1);
    const holdMs = Math.min(FAILURE_HOLD_MS_MIN * 2 ** failures, FAILURE_HOLD_MS_MAX);
    const hold = environment.every(holdMs, () => {
      hold.stop();
      this.#holds.delete(to);
      raft.reportSnapshot(to, false);
      schedule();
    });
    this.#holds.set(to, hold);
  }
}
