import { type RawNode, StateType } from '../../raft/index.js';
import type { Environment } from './environment.js';
import { Stamper } from './stamper.js';

/** Who leads, as this replica knows it; and, while it leads itself, the clock that it stamps with. */
export class Leadership {
  readonly #environment: Environment;
  #lead = 0;
  #role: StateType = StateType.Follower;
  /** Invariant: there exactly while this replica leads, and of the term in which it does. */
  #stamper: Stamper | undefined;
  #lastStampAt = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The member that leads; 0 while none is known. */
  get lead(): number {
    return this.#lead;
  }

  get role(): StateType {
    return this.#role;
  }

  get here(): boolean {
    return this.#role === StateType.Leader;
  }

  /** Monotonic ms of the last stamp that went out with a batch. */
  get lastStampAt(): number {
    return this.#lastStampAt;
  }

  /** Takes over what the core says, and tells what that means for this replica. */
  changed(lead: number, role: StateType, term: number): 'begun' | 'ended' | undefined {
    const was = this.here;
    this.#lead = lead;
    this.#role = role;
    if (!this.here) {
      this.#stamper = undefined;
      return was ? 'ended' : undefined;
    }
    if (this.#stamper?.term === term) return undefined;
    this.#stamper = new Stamper(term, this.#environment.wallMs(), this.#environment.monotonicMs());
    return 'begun';
  }

  /**
   * Has `propose` take a batch under the next stamp. False: not taken, or this replica does not lead.
   */
  stamped(propose: (stampMs: number) => boolean): boolean {
    if (this.#stamper === undefined) return false;
    const now = this.#environment.monotonicMs();
    if (!propose(this.#stamper.take(now))) return false;
    this.#lastStampAt = now;
    return true;
  }

  /** A batch with this stamp is applied. */
  applied(term: number, stampMs: number): void {
    this.#stamper?.applied(term, stampMs);
  }
}

/** Whether the others have committed what is not on the disk of this leader. */
export function isLeftBehind(raft: RawNode, self: number): boolean {
  const { progress, commit } = raft.status();
  return (progress.get(self)?.match ?? 0) < commit;
}

/** The voter whose log reaches furthest, among those heard of lately. */
export function mostCaughtUp(raft: RawNode, self: number): number | undefined {
  let best: { id: number; match: number } | undefined;
  for (const [id, progress] of raft.status().progress) {
    if (id === self || progress.isLearner || !progress.recentActive) continue;
    if (best === undefined || progress.match > best.match) best = { id, match: progress.match };
  }
  return best?.id;
}
