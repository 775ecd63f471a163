import { EntryType, type Entry, type Message, type RawNode } from '../../raft/index.js';
import type { Applied, StateMachine } from '../../state/index.js';
import { type AppliedChange, applyMembership } from './apply-membership.js';
import { Backlog } from './backlog.js';
import type { Environment } from './environment.js';

export interface ApplierParts {
  readonly raft: RawNode;
  readonly state: StateMachine;
  readonly environment: Environment;
}

/** What applying means for the rest of the driver. */
export interface ApplierEvents {
  applied(applied: Applied, entry: Entry): void;
  membershipApplied(applied: AppliedChange, entry: Entry): void;
  /** What the core wants to hear once entries are applied. */
  deliver(responses: readonly Message[]): void;
  appliedIn(elapsedMs: number, entries: number): void;
}

/** Applying yields to the sockets after this long, so that a backlog never delays heartbeats. */
const SLICE_MS = 10;

/** Brings committed entries to the state machine, in order and a slice a turn. */
export class Applier {
  readonly #parts: ApplierParts;
  readonly #events: ApplierEvents;
  readonly #backlog = new Backlog();

  constructor(parts: ApplierParts, events: ApplierEvents) {
    this.#parts = parts;
    this.#events = events;
  }

  /** Entries committed and not yet applied. */
  get waiting(): number {
    return this.#backlog.entries;
  }

  /** Takes a MsgStorageApply of the core. */
  add(message: Message): void {
    this.#backlog.add(message);
  }

  /** Applies until the turn that began at `began` (monotonic ms) has had its time. */
  slice(began: number): void {
    const { environment, raft } = this.#parts;
    if (this.#backlog.entries === 0) return;
    let applied = 0;
    const from = environment.monotonicMs();
    // A snapshot that the core has taken overtakes what was queued before it: its configuration is active already, and an older
    // change must not reach the core any more.
    const { firstIndex } = raft.basicStatus();
    for (let next = this.#backlog.next(); next !== undefined; next = this.#backlog.next()) {
      if (next.entry !== undefined && next.entry.index >= firstIndex) {
        this.#apply(next.entry);
        applied++;
      }
      if (next.responses !== undefined) this.#events.deliver(next.responses);
      if (environment.monotonicMs() - began > SLICE_MS) break;
    }
    this.#events.appliedIn(environment.monotonicMs() - from, applied);
  }

  #apply(entry: Entry): void {
    const { state, raft } = this.#parts;
    if (entry.type === EntryType.Normal) this.#events.applied(state.apply(entry), entry);
    else this.#events.membershipApplied(applyMembership(entry, state, raft), entry);
  }
}
