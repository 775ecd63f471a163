import { connect, type Client } from '@aegis/client';

import { HoldBook } from './hold-book.js';
import { KvWorker, Team } from './kv-workload.js';
import { LibraryPort, UnaryPort } from './kv-port.js';
import { LeasePort } from './lease-port.js';
import { LeaseWorker } from './lease-workload.js';
import { Arena, LockWorker } from './lock-workload.js';
import type { Random } from '@aegis/replica/sim';
import type { Recorder } from './recorder.js';

const TEAMS = 24;
const TEAM_CLIENTS = 4;
const LEASE_CLIENTS = 8;
const THINK_MS = 6;
const REQUEST_TIMEOUT_MS = 4_000;
const UNARY_TIMEOUT_MS = 2_500;
const SESSION_TTL_MS = 6_000;

/** Locks, and how many want each. */
const ARENAS: readonly { readonly arena: Arena; readonly clients: number }[] = [
  { arena: new Arena('lock/x', 'exclusive'), clients: 4 },
  { arena: new Arena('lock/rests', 'exclusive', { lockDelayMs: 1_500, silence: 0.25 }), clients: 3 },
  { arena: new Arena('lock/y', 'exclusive'), clients: 3 },
  { arena: new Arena('lock/mixed', 'mixed'), clients: 5 },
  { arena: new Arena('lock/semaphore', 'semaphore'), clients: 5 },
  { arena: new Arena('election/e', 'election'), clients: 4 },
];

export const TEAM_NAMES = Array.from({ length: TEAMS }, (_, at) => `t${at}`);

/** All clients of a run but those that watch. */
export class Clients {
  readonly #endpoints: readonly string[];
  readonly #random: Random;
  readonly #recorder: Recorder;
  readonly #holds: HoldBook;
  readonly #connections: Client[] = [];
  #count = 0;

  constructor(endpoints: readonly string[], random: Random, recorder: Recorder) {
    this.#endpoints = endpoints;
    this.#random = random;
    this.#recorder = recorder;
    this.#holds = new HoldBook(recorder);
  }

  get count(): number {
    return this.#count;
  }

  /** A client that knows all replicas and begins with any of them. */
  readonly connect = (): Client => {
    const endpoints = this.#random.shuffled(this.#endpoints);
    const client = connect({ endpoints, requestTimeoutMs: REQUEST_TIMEOUT_MS });
    this.#connections.push(client);
    return client;
  };

  /** Resolves when all have ended. */
  async run(isOver: () => boolean): Promise<void> {
    const runs: Promise<void>[] = [];
    for (const name of TEAM_NAMES) {
      const team = new Team(name);
      for (let at = 0; at < TEAM_CLIENTS; at++) {
        const number = this.#count++;
        const random = this.#random.fork();
        const client = this.connect();
        const port =
          at === 0
            ? new UnaryPort(this.#endpoints, number % this.#endpoints.length, UNARY_TIMEOUT_MS)
            : new LibraryPort(client, at === 1 ? undefined : SESSION_TTL_MS);
        runs.push(new KvWorker(number, port, client, team, random, this.#recorder).run(isOver, THINK_MS));
      }
    }
    for (const { arena, clients } of ARENAS) {
      for (let at = 0; at < clients; at++) {
        const random = this.#random.fork();
        const worker = new LockWorker(
          this.#count++,
          this.connect,
          arena,
          random,
          this.#recorder,
          this.#holds,
        );
        runs.push(worker.run(isOver, 2 * THINK_MS));
      }
    }
    for (let at = 0; at < LEASE_CLIENTS; at++) {
      const number = this.#count++;
      const renewals = new LeasePort(this.#endpoints, number % this.#endpoints.length, UNARY_TIMEOUT_MS);
      const random = this.#random.fork();
      const worker = new LeaseWorker(number, this.connect(), renewals, random, this.#recorder);
      runs.push(worker.run(isOver));
    }
    await Promise.all(runs);
    this.#holds.close();
  }

  close(): void {
    for (const client of this.#connections) client.abandon();
  }
}
