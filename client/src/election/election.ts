import type { LeaderResponse } from '@aegis/proto/v1/election';
import { ask, resultOf } from '../connection/ask.js';
import type { Connection } from '../connection/connection.js';
import type { Claimed } from '../lock/claim.js';
import { claim, type AcquireOptions } from '../lock/lock.js';
import { acquireOutcome, checkName, checkWait } from '../lock/options.js';
import type { Session } from '../session/session.js';
import { Watch } from '../watch/watch.js';
import { Leadership, checkValue } from './leadership.js';

export interface CampaignOptions extends AcquireOptions {
  /** How long to queue, in milliseconds; 0: not at all; -1 (unless told): as long as the session lives. */
  readonly waitMs?: number;
}

/** Who leads an election. */
export interface ElectionState {
  /** Undefined: nobody leads. */
  readonly leader: { readonly lease: string; readonly token: number; readonly value: Uint8Array } | undefined;
  /** How many wait behind the leader. */
  readonly candidates: number;
}

/** An election: one leader at a time, with a value that all can read, and a queue of candidates behind it. */
export class Election {
  /** @param session called for each campaign: a fresh session takes the place of one that is over */
  constructor(
    private readonly connection: Connection,
    private readonly session: () => Session,
    private readonly requestTimeoutMs: number,
    readonly name: string,
  ) {
    checkName('election name', name);
  }

  /**
   * Stands for election and waits until it leads. Fails like `Lock.acquire`.
   * @param value what others read while it leads: text (UTF-8) or bytes, at most 64 KiB
   */
  campaign(value: string | Uint8Array, options: CampaignOptions = {}): Promise<Leadership> {
    const claimed = this.claimed(checkValue(value));
    const waitMs = checkWait(options.waitMs);
    return claim(this.session(), claimed, waitMs, options.signal, Leadership);
  }

  /** Who leads now. Fails with UnavailableError or RequestTimeoutError when there is no answer in time. */
  async leader(): Promise<ElectionState> {
    const request = { $case: 'leader' as const, value: { election: this.name, stale: false } };
    const result = await ask(this.connection, request, 'always', this.requestTimeoutMs);
    return stateOf(resultOf(result, 'leader'));
  }

  /**
   * The state as it is, then every change of leader or value, in order; after a reconnect, or when the reader is
   * too slow, changes may be left out, but the newest state always follows. Ends when the loop is left.
   */
  observe(options: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<ElectionState> {
    const request = { $case: 'observe' as const, value: { election: this.name } };
    return new Watch(this.connection, request, options.signal, (event) =>
      event.$case === 'leader' && event.value.leader !== undefined ? stateOf(event.value.leader) : undefined,
    );
  }

  private claimed(value: Buffer): Claimed {
    const election = this.name;
    return {
      title: `election ${JSON.stringify(election)}`,
      ask: (lease, claim, waitMs) => ({
        $case: 'campaign',
        value: { election, lease, claim, value, waitMs },
      }),
      withdraw: (lease, claim) => ({ $case: 'resign', value: { election, lease, claim } }),
      outcome: acquireOutcome,
      election,
    };
  }
}

function stateOf({ leader, candidates }: LeaderResponse): ElectionState {
  if (leader === undefined) return { leader: undefined, candidates };
  const { lease, token, value } = leader;
  return { leader: { lease, token, value }, candidates };
}
