import { AegisError, type Client, type ClientSession, compare, type Held, op } from '@aegis/client';
import type { SimulatedEnvironment } from '@aegis/replica/sim';

import { EXCLUSIVE } from '../checks/locks.js';
import type { Operation } from '../checks/registers.js';
import { OPERATION_KINDS, type OperationKind } from '../plan/plan.js';
import type { World } from '../world/world.js';

export interface OperationsParts {
  readonly client: Client;
  /** Names this life of the client: part of every value that it writes. */
  readonly who: string;
  readonly environment: SimulatedEnvironment;
  readonly world: World;
}

const WAIT_MS = [0, 500, 3000, -1];

/** What callers of one client do. Whatever comes back is handed to the checks. */
export class Operations {
  readonly #parts: OperationsParts;
  readonly #weights: readonly (readonly [OperationKind, number])[];
  readonly #weight: number;
  #session: ClientSession | undefined;
  #count = 0;

  constructor(parts: OperationsParts) {
    this.#parts = parts;
    const { mix } = parts.world.plan.workload;
    this.#weights = OPERATION_KINDS.map((kind) => [kind, mix[kind]] as const);
    this.#weight = this.#weights.reduce((sum, [, weight]) => sum + weight, 0);
  }

  /** One operation, drawn by the weights of the plan. Never rejects but for a fault of the client. */
  one(): Promise<void> {
    return this.#counted(this.#draw());
  }

  /** Reads what another client has just been told of. */
  read(key: string): Promise<void> {
    return this.#counted('get', key);
  }

  async #counted(kind: OperationKind, key?: string): Promise<void> {
    const { world } = this.#parts;
    try {
      await this.#do(kind, key);
      world.counted(kind, true);
    } catch (error) {
      if (!(error instanceof AegisError)) {
        world.report(
          'clients',
          `${this.#parts.who}, ${kind}: ${error instanceof Error ? error.stack : String(error)}`,
        );
        return;
      }
      world.counted(kind, false);
      this.#renew(error);
    }
  }

  #do(kind: OperationKind, key = this.#register()): Promise<void> {
    const { random } = this.#parts.world;
    switch (kind) {
      case 'put':
        return this.#put(key, this.#value());
      case 'get':
        return this.#get(key);
      case 'swap':
        return this.#swap(key, this.#value());
      case 'plainPut':
        return this.#write(this.#value(), (value) =>
          this.#parts.client.kv.put(`p/${random.below(5)}`, value),
        );
      case 'delete':
        return this.#delete(`p/${random.below(5)}`);
      case 'lock':
        return this.#lock(`${EXCLUSIVE}${random.below(this.#parts.world.plan.workload.locks)}`, {});
      case 'shared':
        return random.chance(0.5)
          ? this.#lock('s/shared', { mode: random.chance(0.7) ? 'shared' : 'exclusive' })
          : this.#lock('s/permits', { permits: 2 });
      case 'campaign':
        return this.#campaign();
      case 'lease':
        return this.#lease();
      case 'compact':
        return this.#compact();
    }
  }

  #draw(): OperationKind {
    let rest = this.#parts.world.random.fraction() * this.#weight;
    for (const [kind, weight] of this.#weights) {
      rest -= weight;
      if (rest < 0) return kind;
    }
    return 'get';
  }

  get #current(): ClientSession {
    this.#session ??= this.#parts.client.session(this.#parts.world.plan.workload.ttlMs);
    return this.#session;
  }

  /** A session that is over is replaced. */
  #renew({ code }: AegisError): void {
    if (code === 'SESSION_EXPIRED' || code === 'LEASE_NOT_FOUND' || code === 'LOCK_LOST')
      this.#session = undefined;
  }

  #register(): string {
    return `r/${this.#parts.world.random.below(this.#parts.world.plan.workload.registers)}`;
  }

  #value(): string {
    return `${this.#parts.who}-${++this.#count}`;
  }

  /** Writes a value of its own, and tells the checks what became of it. */
  async #write(value: string, write: (value: string) => Promise<{ revision: number }>): Promise<void> {
    const { checks } = this.#parts.world;
    try {
      const { revision } = await write(value);
      checks.writes.acknowledged(value, revision);
    } catch (error) {
      if (error instanceof AegisError && error.definite) checks.writes.refused(value, error.code);
      throw error;
    }
  }

  async #put(key: string, value: string): Promise<void> {
    const operation = this.#begin(key, 'write', value);
    await this.#ending(
      operation,
      this.#write(value, () => this.#current.kv.put(key, value)),
    );
    this.#parts.world.hearsay(key);
  }

  async #get(key: string): Promise<void> {
    const { world, client } = this.#parts;
    const began = world.moment();
    const found = await client.kv.get(key);
    const value = found?.value.toString();
    world.checks.registers.add(key, { kind: 'read', value, began, ended: world.moment() });
  }

  /** Replaces what it has read, unless somebody was faster; then it is told what is there. */
  async #swap(key: string, value: string): Promise<void> {
    const { world, client } = this.#parts;
    const found = await client.kv.get(key);
    const expected = found?.modRevision ?? 0;
    const condition = found === undefined ? compare.missing(key) : compare.modRevision(key, '=', expected);
    const operation = this.#begin(key, 'write', value);
    const { began } = operation;
    const txn = this.#current.kv.txn().if(condition).do(op.put(key, value)).else(op.get(key));
    const { succeeded, responses, revision } = await this.#ending(operation, txn.commit());
    if (succeeded) {
      world.checks.writes.acknowledged(value, revision);
      world.checks.writes.swapped(key, revision, expected);
      return;
    }
    operation.refused = true;
    world.checks.writes.refused(value, 'the comparison failed');
    const answer = responses[0]!;
    const there = answer.$case === 'range' ? answer.value.kvs[0]?.value.toString() : undefined;
    world.checks.registers.add(key, { kind: 'read', value: there, began, ended: operation.ended });
  }

  async #delete(key: string): Promise<void> {
    await this.#current.kv.delete(key);
  }

  async #lock(name: string, options: { mode?: 'shared' | 'exclusive'; permits?: number }): Promise<void> {
    const { random } = this.#parts.world;
    const lockDelayMs = random.chance(0.1) ? 500 : 0;
    const lock = this.#current.lock(name, { ...options, waitMs: random.pick(WAIT_MS), lockDelayMs });
    await this.#hold(`lock:${name}`, await lock.acquire());
  }

  async #campaign(): Promise<void> {
    const { world, who } = this.#parts;
    const election = this.#current.election('e/leader');
    await this.#hold(
      'election:e/leader',
      await election.campaign(who, { waitMs: world.random.pick(WAIT_MS) }),
    );
  }

  async #hold(key: string, held: Held): Promise<void> {
    const { environment, world } = this.#parts;
    const over = world.checks.locks.believed(key, { token: held.token, believes: () => held.valid });
    await new Promise<void>((resolve) => {
      environment.once(world.random.exponential(world.plan.workload.holdMs), resolve);
    });
    over();
    await held.release();
  }

  /** A lease by hand, with a key on it that goes when it does. */
  async #lease(): Promise<void> {
    const { client, world } = this.#parts;
    const { ttlMs } = world.plan.workload;
    const { lease } = await client.leases.grant(ttlMs);
    await this.#write(this.#value(), (value) => client.kv.put(`l/${lease}`, value, { lease }));
    if (world.random.chance(0.3)) await client.leases.keepAlive([lease]);
    if (world.random.chance(0.2)) await client.leases.revoke(lease);
  }

  async #compact(): Promise<void> {
    const { client } = this.#parts;
    const { revision } = await client.kv.page({ key: 'r/0' });
    if (revision > 50) await client.kv.compact(revision - 50);
  }

  #begin(key: string, kind: 'read' | 'write', value: string): Operation {
    const { world } = this.#parts;
    const operation: Operation = { kind, value, began: world.moment(), ended: Infinity };
    world.checks.registers.add(key, operation);
    return operation;
  }

  async #ending<T>(operation: Operation, work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      operation.ended = this.#parts.world.moment();
      return result;
    } catch (error) {
      if (error instanceof AegisError && error.definite) operation.refused = true;
      throw error;
    }
  }
}
