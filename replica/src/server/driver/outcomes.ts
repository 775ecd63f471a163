import type { Entry, Message } from '../../raft/index.js';
import type { Applied } from '../../state/index.js';
import type { AppliedChange } from './apply-membership.js';
import type { Components } from './components.js';
import type { Written } from './log-writer.js';
import type { DriverParts } from './parts.js';
import type { Desk } from './peer-inbox.js';

/** What disk and state machine have done, brought to whom it concerns. */
export class Outcomes {
  readonly #parts: DriverParts;
  readonly #components: Components;
  readonly #desk: Desk;

  constructor(parts: DriverParts, components: Components, desk: Desk) {
    this.#parts = parts;
    this.#components = components;
    this.#desk = desk;
  }

  logWritten({ responses, elapsedMs, snapshot }: Written): void {
    if (this.#desk.stopped()) return;
    if (elapsedMs !== undefined) this.#parts.events.logWritten(elapsedMs);
    if (snapshot !== undefined) {
      this.#components.snapshots.install(snapshot);
      this.#components.proposals.jumpedOver(snapshot.metadata.term);
      this.#components.membership.jumpedOver();
      this.#components.integrity.stateReplaced();
      this.#parts.events.stateReplaced();
      this.#parts.events.membershipSettled(this.#parts.state.membership!);
      this.#components.removal.check();
    }
    this.deliver(responses);
    this.#desk.schedule();
  }

  deliver(responses: readonly Message[]): void {
    const { id, raft, transport } = this.#parts;
    for (const message of responses) {
      if (message.to === id) this.#desk.guard(() => raft.step(message));
      else transport.send(message);
    }
  }

  applied(applied: Applied, entry: Entry): void {
    this.#components.integrity.applied(applied.scrub);
    // The entry with which a leader begins its term carries no stamp.
    if (entry.data.length > 0) this.#components.leadership.applied(entry.term, applied.stampMs);
    // Answers before events: who is told "queued" is then ready to be told of the grant.
    this.#components.proposals.applied(entry.term, applied.origin, applied.number, applied.results);
    this.#components.membership.termApplied(entry.term);
    this.#parts.events.applied(applied, entry);
  }

  membershipApplied(applied: AppliedChange, entry: Entry): void {
    this.#components.proposals.termApplied(entry.term);
    this.#parts.events.membershipChanged(entry);
    this.#components.membership.applied(entry.term, applied);
    this.#components.integrity.applied(false);
    this.#components.removal.check();
    this.settleMembership();
  }

  /** Others are told only of a membership that this replica will not forget to be in force. */
  settleMembership(): void {
    const { state, events } = this.#parts;
    const membership = state.membership!;
    this.#components.writer.settleCommit(() => {
      if (!this.#desk.stopped()) events.membershipSettled(membership);
    });
  }
}
