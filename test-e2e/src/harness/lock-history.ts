import { nowMs } from './clock.js';

/** One hold of a lock, by its holder's own reckoning on this machine's monotonic clock. */
export interface Hold {
  readonly lock: string;
  readonly holder: string;
  readonly token: number;
  /** When the grant was received. */
  readonly fromMs: number;
  /** When the release was sent, or the holder stopped trusting it. Infinity: it is still held. */
  untilMs: number;
}

/** What holders of exclusive locks saw, to be held against what a lock service promises. */
export class LockHistory {
  readonly holds: Hold[] = [];

  /** To be called in the turn in which the grant is received. */
  granted(lock: string, holder: string, token: number): Hold {
    const hold = { lock, holder, token, fromMs: nowMs(), untilMs: Infinity };
    this.holds.push(hold);
    return hold;
  }

  /** To be called before the release is sent, or when the hold is no longer trusted. */
  ended(hold: Hold): void {
    hold.untilMs = Math.min(hold.untilMs, nowMs());
  }

  get newestToken(): number {
    return this.holds.reduce((newest, { token }) => Math.max(newest, token), 0);
  }

  /** What was broken; empty: nothing. */
  violations(): string[] {
    return [...this.#reusedTokens(), ...this.#overlapsAndOrder()];
  }

  #reusedTokens(): string[] {
    const seen = new Map<number, Hold>();
    const found: string[] = [];
    for (const hold of this.holds) {
      const earlier = seen.get(hold.token);
      if (earlier !== undefined) found.push(`token ${hold.token} twice: ${say(earlier)}, and ${say(hold)}`);
      seen.set(hold.token, hold);
    }
    return found;
  }

  #overlapsAndOrder(): string[] {
    const found: string[] = [];
    for (const holds of Map.groupBy(this.holds, ({ lock }) => lock).values()) {
      const inOrder = holds.toSorted((a, b) => a.fromMs - b.fromMs);
      // The one that lasts longest: a later hold may overlap with it even if its neighbour is over.
      let longest = inOrder[0]!;
      let newest = inOrder[0]!;
      for (const hold of inOrder.slice(1)) {
        if (hold.fromMs < longest.untilMs) found.push(`held twice: ${say(longest)}, and ${say(hold)}`);
        if (hold.token <= newest.token)
          found.push(`a token that did not grow: ${say(newest)}, then ${say(hold)}`);
        if (hold.untilMs > longest.untilMs) longest = hold;
        if (hold.token > newest.token) newest = hold;
      }
    }
    return found;
  }
}

function say({ lock, holder, token, fromMs, untilMs }: Hold): string {
  return `${lock} by ${holder} with token ${token} from ${fromMs.toFixed(1)} to ${untilMs.toFixed(1)} ms`;
}
