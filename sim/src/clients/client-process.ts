import { type Client, type ClientSession, connect, type Timers } from '@aegis/client';
import { MachineClock, SimulatedEnvironment } from '@aegis/replica/sim';

import type { WorldPlan } from '../plan/plan.js';
import type { Checks } from '../checks/checks.js';
import { EXCLUSIVE } from '../checks/locks.js';
import type { World } from '../world/world.js';
import { Operations } from './operations.js';
import { SimulatedTransport } from './simulated-transport.js';
import { follow } from './watcher.js';

/** Clients' places in the network come after those of the replicas. */
export const FIRST_CLIENT_PLACE = 1000;

/** How many operations of one client may be unanswered: then it waits, like any caller. */
const UNANSWERED_MAX = 30;

/** A machine with a client on it: the real client, on simulated clocks and streams. */
export class ClientProcess {
  readonly clock: MachineClock;
  readonly place: number;
  readonly #world: World;
  readonly #number: number;
  #lives = 0;
  environment: SimulatedEnvironment | undefined;
  #operations: Operations | undefined;
  #unanswered = 0;

  constructor(world: World, number: number) {
    this.#world = world;
    this.#number = number;
    this.place = FIRST_CLIENT_PLACE + number;
    this.clock = new MachineClock(world.cluster.queue, world.random.below(3_600_000));
  }

  /** A fresh process: it knows nothing of an earlier one. */
  start(): void {
    const { cluster, random, plan, checks } = this.#world;
    const environment = new SimulatedEnvironment(cluster.queue, random, this.clock);
    this.environment = environment;
    const who = `c${this.#number}.${++this.#lives}`;
    const timers: Timers = {
      setTimeout: (callback, delayMs) => environment.once(Math.max(1, delayMs), callback),
      clearTimeout: (handle) => (handle as { stop(): void }).stop(),
      endOfTurn: (callback) => environment.endOfTurn(callback),
    };
    const client = connect({
      endpoints: this.#world.places.list.map(({ addresses }) => addresses.clientAddress),
      ttlMs: plan.workload.ttlMs,
      requestTimeoutMs: 8000,
      transport: new SimulatedTransport({
        cluster,
        environment,
        place: this.place,
        encodes: plan.encodes,
        reaches: (place) => this.#reaches(place),
      }),
      clock: { now: () => ({ monotonicMs: environment.monotonicMs(), wallMs: environment.wallMs() }) },
      timers,
      random: random.fraction,
    });
    this.#operations = new Operations({ client, who, environment, world: this.#world });
    this.#unanswered = 0;
    this.#work(this.#operations, environment, plan);
    follow(client, checks, who, (ms) => delay(environment, ms));
  }

  kill(): void {
    this.environment?.kill();
    this.environment = undefined;
  }

  /** Somebody tells it that a register was just written: it looks. */
  hear(key: string): void {
    const operations = this.#operations;
    if (operations !== undefined)
      this.environment?.run(() => this.#ask(operations, () => operations.read(key)));
  }

  /** Some know the replicas of their own zone only, whoever leads. */
  #reaches(place: number): boolean {
    const { workload, replicas } = this.#world.plan;
    return workload.nearby === 0 || (place + this.#number) % replicas < workload.nearby;
  }

  /** Operations at random moments or at a pace, as many a second as the plan says, as long as the process lives. */
  #work(operations: Operations, environment: SimulatedEnvironment, { workload }: WorldPlan): void {
    const meanMs = (1000 * workload.clients) / workload.operationsPerSecond;
    const { random } = this.#world;
    const next = (afterMs: number): void => {
      if (!this.#world.working) return;
      environment.once(afterMs, () => {
        this.#ask(operations, () => operations.one());
        next(workload.paced === true ? meanMs : random.exponential(meanMs));
      });
    };
    next(workload.paced === true ? random.fraction() * meanMs : random.exponential(meanMs));
  }

  #ask(operations: Operations, ask: () => Promise<void>): void {
    if (operations !== this.#operations || this.#unanswered >= UNANSWERED_MAX || !this.#world.working) return;
    this.#unanswered++;
    void ask().finally(() => {
      if (operations === this.#operations) this.#unanswered--;
    });
  }
}

export function delay(environment: SimulatedEnvironment, ms: number): Promise<void> {
  return new Promise((resolve) => {
    environment.once(ms, resolve);
  });
}

export type { Client, ClientSession, Checks };
export { EXCLUSIVE };
