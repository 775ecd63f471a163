import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import { majority, ProgressState, type RawNode } from '../../raft/index.js';
import type { Planned } from '../../state/index.js';
import type { Environment } from './environment.js';

export interface GuardParts {
  readonly id: number;
  readonly raft: RawNode;
  readonly environment: Environment;
  readonly electionTimeoutMs: number;
}

/** A learner that lacks no more than this follows closely enough to be counted on. */
const LAG_ENTRIES_MAX = 1000;

/** What a leader sees of the others, and which changes of the membership it therefore does not propose. */
export class MembershipGuard {
  readonly #parts: GuardParts;
  /** Monotonic ms at which each peer was last heard. */
  readonly #heard = new Map<number, number>();

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  heard(peer: number): void {
    this.#heard.set(peer, this.#parts.environment.monotonicMs());
  }

  /** It said something within an election timeout: followers answer every heartbeat. */
  live(id: number): boolean {
    const { environment, electionTimeoutMs } = this.#parts;
    return this.#heardSince(id, environment.monotonicMs() - electionTimeoutMs);
  }

  /**
   * Why the change has to wait: a learner that is behind, or too few live voters afterwards. Live is who was heard after
   * `sinceMs`, when the change was asked for: what was heard before proves nothing about now.
   */
  judge({ core, membership }: Planned, sinceMs: number): Failure | undefined {
    const promoted = core?.kind === 'voter' ? core.id : core?.kind === 'replace' ? core.promoted : undefined;
    if (promoted !== undefined) {
      const why = this.#behind(promoted, sinceMs);
      if (why !== undefined) return errorOf('LEARNER_BEHIND', { member: promoted, why });
    }
    const { voters } = membership.confState;
    const live = voters.filter((id) => this.#heardSince(id, sinceMs));
    const needed = majority(voters.length);
    if (core?.kind === 'learner' || live.length >= needed) return undefined;
    return errorOf('QUORUM_AT_RISK', {
      voters: voters.join(', '),
      needed,
      live: live.length === 0 ? 'none' : live.join(', '),
    });
  }

  #heardSince(id: number, sinceMs: number): boolean {
    return id === this.#parts.id || (this.#heard.get(id) ?? -Infinity) >= sinceMs;
  }

  #behind(id: number, sinceMs: number): string | undefined {
    const { progress, lastIndex } = this.#parts.raft.status();
    const seen = progress.get(id);
    if (seen === undefined || !this.#heardSince(id, sinceMs)) return 'it does not answer';
    if (seen.state === ProgressState.Snapshot) return 'it is being sent a snapshot';
    if (seen.state === ProgressState.Probe) return 'it has not taken the log up yet';
    const lag = lastIndex - seen.match;
    if (lag <= LAG_ENTRIES_MAX) return undefined;
    return `it lacks ${lag} entries, and may lack ${LAG_ENTRIES_MAX}`;
  }
}
