import { majority } from '../../raft/index.js';
import type { StateMachine } from '../../state/index.js';

/**
 * Finds out that this replica was removed from its cluster and is not needed any more: when most of the voters, as it knows
 * them, refuse it as removed.
 *
 * Its own log is not enough. It may be the only one that knows that the entry is committed: the others go by the configuration that
 * they have applied, in which its vote counts, and with another member down they need that vote. Who refuses it has applied the
 * removal and will not forget it.
 */
export class Removal {
  readonly #id: number;
  readonly #state: StateMachine;
  readonly #removed: (how: string) => void;
  /** Peers that refused this replica as removed. */
  readonly #refusers = new Set<number>();
  #told = false;

  /** `removed` is called once; `how` says how it is known. */
  constructor(id: number, state: StateMachine, removed: (how: string) => void) {
    this.#id = id;
    this.#state = state;
    this.#removed = removed;
  }

  refusedBy(peer: number): void {
    this.#refusers.add(peer);
    this.check();
  }

  /** The membership has changed. */
  check(): void {
    if (this.#told) return;
    const { voters } = this.#state.membership!.confState;
    const others = voters.filter((id) => id !== this.#id);
    const refusers = others.filter((id) => this.#refusers.has(id));
    // Of two members only one is left to say it.
    const needed = Math.min(majority(voters.length), others.length);
    if (needed === 0 || refusers.length < needed) return;
    this.#told = true;
    this.#removed(`${refusers.length > 1 ? 'members' : 'member'} ${refusers.join(', ')} said so`);
  }
}
