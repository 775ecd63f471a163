import type { Client, ClientSession } from '@aegis/client';

import { nowMs, within } from './clock.js';

/** Sessions, one a connection, that tell when the cluster acknowledges writes again. */
export class FirstWrite {
  readonly #sessions: readonly ClientSession[];
  #round = 0;

  private constructor(sessions: readonly ClientSession[]) {
    this.#sessions = sessions;
  }

  static async over(clients: readonly Client[]): Promise<FirstWrite> {
    const first = new FirstWrite(clients.map((client) => client.session(30_000)));
    await first.since(nowMs());
    return first;
  }

  /** Writes now, on every connection; how long after `sinceMs` the first of these was acknowledged. */
  async since(sinceMs: number): Promise<number> {
    const round = ++this.#round;
    const writes = this.#sessions.map(async (session, at) => {
      const held = await session.lock(`probe-${round}-${at}`).acquire();
      const tookMs = nowMs() - sinceMs;
      await held.release();
      return tookMs;
    });
    return Math.min(
      ...(await within('writes acknowledged on every connection', 20_000, Promise.all(writes))),
    );
  }
}
