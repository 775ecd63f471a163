import type { Client, ClientSession, Held } from '@aegis/client';
import { setTimeout as sleep } from 'node:timers/promises';

import type { HoldBook, Mode } from './hold-book.js';
import type { Random } from '@aegis/replica/sim';
import { nowNs, type Recorder } from './recorder.js';

const TTL_MS = 3_000;
/** Then the clients go on with another lock, for the same reason as with groups of keys. */
const LOCK_GRANTS = 200;
const SEMAPHORE_PERMITS = 3;
const SILENCE = 0.02;

export interface ArenaOptions {
  /** How long the lock rests after the lease of a holder ended, in milliseconds. */
  readonly lockDelayMs?: number;
  /** How probably a holder falls silent instead of giving the lock back. */
  readonly silence?: number;
}

/** A lock that several clients want, then another one. */
export class Arena {
  readonly name: string;
  readonly mode: Mode | 'election' | 'mixed';
  readonly lockDelayMs: number;
  readonly silence: number;
  #round = 0;
  #grants = 0;

  constructor(name: string, mode: Mode | 'election' | 'mixed', options: ArenaOptions = {}) {
    this.name = name;
    this.mode = mode;
    this.lockDelayMs = options.lockDelayMs ?? 0;
    this.silence = options.silence ?? SILENCE;
  }

  get key(): string {
    return `${this.name}/${this.#round}`;
  }

  granted(): void {
    if (++this.#grants % LOCK_GRANTS === 0) this.#round++;
  }
}

/** One client that takes locks, or leaderships, and gives them back; now and then it falls silent instead. */
export class LockWorker {
  readonly #client: number;
  readonly #connect: () => Client;
  readonly #arena: Arena;
  readonly #random: Random;
  readonly #recorder: Recorder;
  readonly #holds: HoldBook;
  #connection: Client;
  #session: ClientSession | undefined;

  constructor(
    client: number,
    connect: () => Client,
    arena: Arena,
    random: Random,
    recorder: Recorder,
    holds: HoldBook,
  ) {
    this.#client = client;
    this.#connect = connect;
    this.#arena = arena;
    this.#random = random;
    this.#recorder = recorder;
    this.#holds = holds;
    this.#connection = connect();
  }

  async run(isOver: () => boolean, thinkMs: number): Promise<void> {
    while (!isOver()) {
      if (this.#random.chance(0.3)) await this.#describe();
      else await this.#take();
      await sleep(this.#random.between(0, thinkMs));
    }
    this.#connection.abandon();
  }

  async #take(): Promise<void> {
    const session = this.#renewed();
    const key = this.#arena.key;
    const { kind, permits } = this.#wanted();
    const callNs = nowNs();
    const delay = this.#arena.lockDelayMs;
    // The lease tells in a description whose claim it is that was never answered; '0': there is none yet.
    const what = () => {
      const input = { mode: kind, permits, lease: session.lease, ...(delay > 0 ? { delay_ms: delay } : {}) };
      return { client: this.#client, op: 'acquire', key, input };
    };
    let held: Held;
    try {
      held = await this.#acquire(session, key, kind);
    } catch (error) {
      this.#recorder.failed(what(), callNs, error);
      return;
    }
    const stopRelying = this.#holds.granted(this.#client, key, kind, permits, session, held);
    this.#arena.granted();
    this.#recorder.add(what(), callNs, 'ok', { token: held.token });
    if (this.#random.chance(this.#arena.silence)) {
      // As a process that dies: nobody keeps its lease alive, and it relies upon it until its own reckoning ends.
      this.#connection.abandon();
      this.#connection = this.#connect();
      this.#session = undefined;
      return;
    }
    await sleep(this.#random.chance(0.1) ? this.#random.between(0, 400) : this.#random.between(0, 10));
    stopRelying();
    await this.#release(session, key, kind, held);
  }

  async #release(session: ClientSession, key: string, mode: Mode, held: Held): Promise<void> {
    const what = { client: this.#client, op: 'release', key, input: { token: held.token, mode } };
    const callNs = nowNs();
    try {
      const released = await held.release();
      // That a session is over is its holder's own reckoning: the cluster may keep its locks for a while yet.
      const told = released || session.valid;
      this.#recorder.add(what, callNs, told ? 'ok' : 'unknown', { released });
    } catch (error) {
      this.#recorder.failed(what, callNs, error);
    }
  }

  #acquire(session: ClientSession, key: string, kind: Mode): Promise<Held> {
    const waitMs = this.#random.chance(0.3) ? 0 : Math.floor(this.#random.between(100, 3_000));
    if (this.#arena.mode === 'election')
      return session.election(key).campaign(`client ${this.#client}`, { waitMs });
    const permits = kind === 'semaphore' ? { permits: SEMAPHORE_PERMITS } : {};
    const { lockDelayMs } = this.#arena;
    return session.lock(key, { mode: kind, waitMs, lockDelayMs, ...permits }).acquire();
  }

  /** Who holds it. */
  async #describe(): Promise<void> {
    const key = this.#arena.key;
    if (this.#arena.mode === 'election') {
      await this.#recorder.call(
        { client: this.#client, op: 'describe', key, input: {} },
        () => this.#connection.election(key).leader(),
        ({ leader }) => ({
          holders: leader === undefined ? [] : [{ token: leader.token, lease: leader.lease }],
        }),
      );
      return;
    }
    await this.#recorder.call(
      { client: this.#client, op: 'describe', key, input: {} },
      () => this.#connection.describeLock(key),
      ({ holders }) => ({ holders: holders.map(({ token, lease }) => ({ token, lease })) }),
    );
  }

  #wanted(): { kind: Mode; permits: number } {
    const { mode } = this.#arena;
    if (mode === 'semaphore') return { kind: mode, permits: SEMAPHORE_PERMITS };
    const shared = mode === 'shared' || (mode === 'mixed' && this.#random.chance(0.7));
    return { kind: shared ? 'shared' : 'exclusive', permits: 0 };
  }

  #renewed(): ClientSession {
    const session = this.#session;
    if (session !== undefined && (session.valid || session.lease === '0')) return session;
    return (this.#session = this.#connection.session(TTL_MS));
  }
}
