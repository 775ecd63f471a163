import { Standing } from '@aegis/proto/replica/peer';

import { type Joined, joinCluster } from '../server/join/join-cluster.js';
import { Logger } from '../server/logger.js';
import type { EventQueue } from './event-queue.js';
import type { MachineClock } from './machine-clock.js';
import type { Random } from './random.js';
import { SimulatedEnvironment } from './simulated-environment.js';

/** How long it waits for one answer; `server/join/ask-standing.ts`. */
const ANSWER_MS = 2000;

export interface NewcomerParts {
  readonly place: number;
  /** What its folder drew, synced before anybody could list it. */
  readonly nonce: string;
  readonly clock: MachineClock;
  readonly queue: EventQueue;
  readonly random: Random;
  readonly clusterId: string;
  /** Has the replica that runs at another place say what it knows of a nonce; undefined: none runs there. Maybe never. */
  readonly ask: (place: number, answer: (standing: Standing | undefined) => void) => void;
}

const silent = new Logger('error');

/** A machine with an empty folder: its process waits until the cluster has a member for it, as `server/join` does. */
export class SimulatedNewcomer {
  readonly #parts: NewcomerParts;
  environment: SimulatedEnvironment | undefined;

  constructor(parts: NewcomerParts) {
    this.#parts = parts;
  }

  get place(): number {
    return this.#parts.place;
  }

  get nonce(): string {
    return this.#parts.nonce;
  }

  get clock(): MachineClock {
    return this.#parts.clock;
  }

  /**
   * Starts its process, which asks the replicas at those places again and again. Never ends if it is killed first; rejects with
   * a RefusedStart if the folder's member was removed.
   */
  start(places: readonly number[]): Promise<Joined> {
    const { nonce, clock, queue, random, clusterId, ask } = this.#parts;
    const environment = new SimulatedEnvironment(queue, random, clock);
    this.environment = environment;
    return joinCluster({
      nonce,
      clusterId,
      ask: places.map(String),
      logger: silent,
      clock: {
        nowMs: () => environment.monotonicMs(),
        sleep: (ms) => new Promise((resolve) => void environment.once(ms, () => resolve())),
      },
      standing: (place) =>
        new Promise((resolve, reject) => {
          const late = environment.once(ANSWER_MS, () => reject(new Error('no answer')));
          ask(Number(place), (standing) =>
            environment.run(() => {
              late.stop();
              if (standing === undefined) reject(new Error('connection refused'));
              else resolve(Standing.decode(Standing.encode(standing).finish()));
            }),
          );
        }),
    });
  }

  kill(): void {
    this.environment?.kill();
    this.environment = undefined;
  }
}
