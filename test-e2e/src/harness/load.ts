import type { Client, ClientSession, Held } from '@aegis/client';
import { setTimeout as sleep } from 'node:timers/promises';

import { nowMs, within } from './clock.js';
import { type Hold, LockHistory } from './lock-history.js';

export interface LoadOptions {
  /** Sessions that take a lock of their own and keep it throughout. */
  readonly holders: number;
  /** Sessions that take and release locks that they share, over and over. */
  readonly takers: number;
  readonly sharedLocks: number;
  readonly ttlMs: number;
}

const HOLD_MS = 10;
const THINK_MS_MAX = 200;

interface Holding {
  readonly lock: string;
  readonly lease: string;
  readonly token: number;
  readonly held: Held;
  readonly hold: Hold;
}

/**
 * Clients that hold and take locks while a test breaks the cluster. Everything that a client must never see is
 * noted in `failures`; the rest is in the history.
 */
export class Load {
  readonly history = new LockHistory();
  readonly failures: string[] = [];
  readonly #clients: readonly Client[];
  readonly #options: LoadOptions;
  readonly #holdings: Holding[] = [];
  readonly #takers: Promise<void>[] = [];
  readonly #leases: string[] = [];
  #acknowledged = 0;
  #stopping = false;

  private constructor(clients: readonly Client[], options: LoadOptions) {
    this.#clients = clients;
    this.#options = options;
  }

  /** Resolves when all holders hold and all takers are at work. */
  static async begin(clients: readonly Client[], options: LoadOptions): Promise<Load> {
    const load = new Load(clients, options);
    const holders = Array.from({ length: options.holders }, (_, at) => load.#hold(at));
    await within('all holders holding', 20_000, Promise.all(holders));
    for (let at = 0; at < options.takers; at++) load.#takers.push(load.#take(at));
    return load;
  }

  /** Grants and releases that were acknowledged so far. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Grants leases that nobody keeps alive and that last longer than the test: all must be there at its end. */
  async grantLeases(count: number, ttlMs: number): Promise<void> {
    const grants = Array.from({ length: count }, (_, at) => this.#client(at).leases.grant(ttlMs));
    for (const { lease } of await Promise.all(grants)) this.#leases.push(lease);
  }

  /** Ends the takers, and returns what of the acknowledged is missing or was broken; empty: nothing. */
  async end(): Promise<string[]> {
    this.#stopping = true;
    await within('the takers ending', 30_000, Promise.all(this.#takers));
    const missing = [
      ...(await this.#missingHolds()),
      ...(await this.#leftOvers()),
      ...(await this.#missingLeases()),
    ];
    for (const { held, hold } of this.#holdings) {
      this.history.ended(hold);
      if (!(await held.release())) missing.push(`${hold.lock}: the release of a held lock found nothing`);
    }
    return [...this.failures, ...missing, ...this.history.violations()];
  }

  async #hold(at: number): Promise<void> {
    const lock = `held-${at}`;
    const session = this.#client(at).session(this.#options.ttlMs);
    const held = await session.lock(lock).acquire();
    const hold = this.history.granted(lock, `holder ${at}`, held.token);
    this.#acknowledged++;
    held.signal.addEventListener('abort', () => {
      this.history.ended(hold);
      this.failures.push(`${lock}: lost while its holder kept it alive: ${held.lost?.message}`);
    });
    this.#holdings.push({ lock, lease: held.lease, token: held.token, held, hold });
  }

  async #take(at: number): Promise<void> {
    const session = this.#client(at).session(this.#options.ttlMs);
    for (let round = at; !this.#stopping; round++) {
      const lock = `shared-${round % this.#options.sharedLocks}`;
      try {
        await this.#takeOnce(session, lock, `taker ${at}`);
      } catch (error) {
        this.failures.push(`${lock}, taker ${at} after ${nowMs().toFixed(0)} ms: ${String(error)}`);
        return;
      }
      await sleep(Math.random() * THINK_MS_MAX);
    }
  }

  async #takeOnce(session: ClientSession, lock: string, holder: string): Promise<void> {
    const held = await session.lock(lock).acquire();
    const hold = this.history.granted(lock, holder, held.token);
    this.#acknowledged++;
    held.signal.addEventListener('abort', () => this.history.ended(hold));
    await sleep(HOLD_MS);
    if (!held.valid) throw new Error(`lost while its holder kept it alive: ${held.lost?.message}`);
    this.history.ended(hold);
    const released = await held.release();
    this.#acknowledged++;
    if (!released) throw new Error(`the acknowledged grant of token ${held.token} is missing`);
  }

  async #missingHolds(): Promise<string[]> {
    const looks = this.#holdings.map(async ({ lock, lease, token, held }, at) => {
      const [holder] = (await this.#client(at).describeLock(lock)).holders;
      if (!held.valid) return `${lock}: no longer trusted by its holder`;
      if (holder?.lease === lease && holder.token === token) return undefined;
      return `${lock}: granted to ${lease} with token ${token}, now ${JSON.stringify(holder)}`;
    });
    return (await Promise.all(looks)).filter((problem) => problem !== undefined);
  }

  /** Locks that are held or waited for though every release was acknowledged. */
  async #leftOvers(): Promise<string[]> {
    const { locks } = await this.#client(0).listLocks('shared-');
    return locks.map(({ name, newestToken }) => `${name}: released, yet held with token ${newestToken}`);
  }

  async #missingLeases(): Promise<string[]> {
    const { leases, more } = await this.#client(0).leases.list();
    if (more) throw new Error('more leases than this check looks at');
    const there = new Set(leases.map(({ lease }) => lease));
    return this.#leases
      .filter((lease) => !there.has(lease))
      .map((lease) => `lease ${lease} was granted and is gone`);
  }

  #client(at: number): Client {
    return this.#clients[at % this.#clients.length]!;
  }
}
