import type { Client } from '@aegis/client';

import type { Cluster } from './cluster.js';
import { eventually, nowMs, within } from './clock.js';

/** What the cluster went through while a lease was running out. */
export interface Absences {
  /** How long certainly no leader stamped anything, in milliseconds: lease time stood still. */
  readonly stillMs: number;
  /** How long no write was acknowledged, in milliseconds. */
  readonly absentMs: number;
  readonly leaderChanges: number;
}

/** STEP, the stamp's interval, and what this busy machine may take for a commit: DESIGN, lease time, rule 6. */
const STEP_MS = 2_000;
const CHANGE_MS = 500;
const COMMIT_MS = 500;

/** A lock whose holder fell silent at once, and a client that waits for it: when it gets it, the lease has ended. */
export class DoomedLock {
  private constructor(
    readonly name: string,
    readonly ttlMs: number,
    /** Before the lease was asked for, and after it was known to be granted. */
    private readonly askedMs: number,
    private readonly grantedMs: number,
    private readonly passed: Promise<{ readonly atMs: number; readonly token: number }>,
    private readonly token: number,
  ) {}

  static async make(cluster: Cluster, waiting: Client, name: string, ttlMs: number): Promise<DoomedLock> {
    const silent = cluster.connect();
    const askedMs = nowMs();
    const held = await silent.session(ttlMs).lock(name).acquire();
    silent.abandon();
    const grantedMs = nowMs();
    const passed = waiting
      .session(30_000)
      .lock(name)
      .acquire()
      .then(async (next) => {
        const atMs = nowMs();
        await next.release();
        return { atMs, token: next.token };
      });
    passed.catch(() => {});
    await eventually(`the queue of ${name}`, 10_000, async () =>
      (await waiting.describeLock(name)).waiterCount === 1 ? true : undefined,
    );
    return new DoomedLock(name, ttlMs, askedMs, grantedMs, passed, held.token);
  }

  /** What of rules 3 and 6 was broken when the lock passed on; empty: nothing. */
  async violations({ stillMs, absentMs, leaderChanges }: Absences): Promise<string[]> {
    const boundMs = this.ttlMs + absentMs + STEP_MS + leaderChanges * (CHANGE_MS + COMMIT_MS) + COMMIT_MS;
    const { atMs, token } = await within(`${this.name} passing on`, boundMs + 10_000, this.passed);
    const found: string[] = [];
    const leastMs = this.askedMs + this.ttlMs + stillMs;
    if (atMs < leastMs) found.push(`${this.name}: ended ${(leastMs - atMs).toFixed(0)} ms early`);
    if (atMs > this.grantedMs + boundMs) {
      found.push(`${this.name}: ended ${(atMs - this.grantedMs - boundMs).toFixed(0)} ms after its bound`);
    }
    if (token <= this.token) found.push(`${this.name}: token ${this.token}, then ${token}`);
    return found;
  }
}
