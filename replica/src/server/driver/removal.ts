import { majority } from '../../raft/index.js';
import { isRemoved, type StateMachine } from '../../state/index.js';

/** Its own removal, as applied here, ends a replica only after so many election timeouts. */
const LINGER_TIMEOUTS = 3;

/**
 * Finds out that this replica was removed from its cluster: from its own applied state, or from what others say.
 *
 * Who applied its own removal lingers. It may be the leader, and the only one that knows that the entry is committed: the others
 * go by the configuration that they have applied, in which its vote counts, and with another member down they need that vote.
 */
export class Removal {
  readonly #id: number;
  readonly #state: StateMachine;
  readonly #nowMs: () => number;
  readonly #lingerMs: number;
  readonly #removed: (how: string) => void;
  /** Peers that refused this replica as removed. */
  readonly #refusers = new Set<number>();
  /** When it applied its own removal; monotonic ms. */
  #appliedAt: number | undefined;
  #told = false;

  /** `removed` is called once; `how` says how it is known. `nowMs` is monotonic. */
  constructor(
    parts: {
      readonly id: number;
      readonly state: StateMachine;
      readonly electionTimeoutMs: number;
      nowMs(): number;
    },
    removed: (how: string) => void,
  ) {
    this.#id = parts.id;
    this.#state = parts.state;
    this.#nowMs = () => parts.nowMs();
    this.#lingerMs = LINGER_TIMEOUTS * parts.electionTimeoutMs;
    this.#removed = removed;
  }

  refusedBy(peer: number): void {
    this.#refusers.add(peer);
    this.check();
  }

  /** The membership, or the time, has changed. */
  check(): void {
    if (this.#told) return;
    const how = this.#known();
    if (how === undefined) return;
    this.#told = true;
    this.#removed(how);
  }

  #known(): string | undefined {
    const membership = this.#state.membership!;
    if (isRemoved(membership, this.#id)) {
      this.#appliedAt ??= this.#nowMs();
      if (this.#nowMs() - this.#appliedAt >= this.#lingerMs) return 'its log says so';
    }
    const { voters } = membership.confState;
    const others = voters.filter((id) => id !== this.#id);
    const refusers = others.filter((id) => this.#refusers.has(id));
    // Of two members only one is left to say it.
    const needed = Math.min(majority(voters.length), others.length);
    if (needed === 0 || refusers.length < needed) return undefined;
    return `${refusers.length > 1 ? 'members' : 'member'} ${refusers.join(', ')} said so`;
  }
}
