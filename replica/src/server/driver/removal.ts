import type { KnownCommit } from '@aegis/proto/replica/peer';

import { majority, type RawNode } from '../../raft/index.js';
import { isRemoved, type StateMachine } from '../../state/index.js';

/**
 * Finds out that this replica was removed from its cluster and is not needed any more: when most of the voters, as it knows
 * them, refuse it as removed.
 *
 * Its own log is not enough. It may be the only one that knows that the entry is committed: the others go by the configuration that
 * they have applied, in which its vote counts, and with another member down they need that vote. Who refuses it has applied the
 * removal and will not forget it.
 *
 * Its vote alone is not enough either. Its log may be longer than theirs, so that it votes for none of them, and it can't stand for
 * election itself. So meanwhile it tells them what it knows to be committed.
 */
export class Removal {
  readonly #id: number;
  readonly #state: StateMachine;
  readonly #raft: RawNode;
  readonly #removed: (how: string) => void;
  /** Peers that refused this replica as removed. */
  readonly #refusers = new Set<number>();
  #told = false;

  /** `removed` is called once; `how` says how it is known. */
  constructor(
    parts: { readonly id: number; readonly state: StateMachine; readonly raft: RawNode },
    removed: (how: string) => void,
  ) {
    this.#id = parts.id;
    this.#state = parts.state;
    this.#raft = parts.raft;
    this.#removed = removed;
  }

  /** Undefined: nobody has to be told. */
  commitToTell(): KnownCommit | undefined {
    if (this.#told || !isRemoved(this.#state.membership!, this.#id)) return undefined;
    const { commit: index } = this.#raft.basicStatus();
    const term = this.#raft.termAt(index);
    return term === undefined ? undefined : { index, term };
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
