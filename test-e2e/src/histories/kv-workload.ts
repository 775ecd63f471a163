import { compare, op, type Client, type Relation } from '@aegis/client';
import type { KeyValue, KvAnswer, KvCompare, KvOperation } from '@aegis/proto/v1/kv';
import { setTimeout as sleep } from 'node:timers/promises';

import type { KvPort } from './kv-port.js';
import type { Random } from '@aegis/replica/sim';
import { nowNs, type Recorder } from './recorder.js';

/** The keys of a group: what is checked together. */
const KEYS = ['a', 'b', 'c', 'd'] as const;
/** Then its clients go on with a fresh one: unanswered calls stay open for ever, and the search grows with them. */
const GROUP_OPERATIONS = 150;

/** A comparison, as it is written down; the target says what is compared. */
interface Condition {
  readonly key: string;
  readonly target: 'version' | 'create' | 'mod' | 'value';
  readonly relation: Relation;
  readonly to: number | string;
}

/** An operation of a transaction, as it is written down. */
type Step =
  | { readonly do: 'put'; readonly key: string; readonly value: string }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'get'; readonly key: string };

/** The group at which a team of clients is at work. */
export class Team {
  readonly name: string;
  #group = 0;
  #operations = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** For one more operation. */
  next(): string {
    if (++this.#operations > GROUP_OPERATIONS) {
      this.#operations = 0;
      this.#group++;
    }
    return `${this.name}/${this.#group}`;
  }
}

/** One client of the keys of its team: reads, writes and transactions over one port. */
export class KvWorker {
  readonly #client: number;
  readonly #port: KvPort;
  readonly #leases: Client;
  readonly #team: Team;
  readonly #random: Random;
  readonly #recorder: Recorder;
  /** As this client knows the keys of the group, for its comparisons. */
  #known = new Map<string, KeyValue>();
  #group = '';
  #values = 0;

  constructor(client: number, port: KvPort, leases: Client, team: Team, random: Random, recorder: Recorder) {
    this.#client = client;
    this.#port = port;
    this.#leases = leases;
    this.#team = team;
    this.#random = random;
    this.#recorder = recorder;
  }

  async run(isOver: () => boolean, thinkMs: number): Promise<void> {
    while (!isOver()) {
      const group = this.#team.next();
      if (group !== this.#group) this.#known.clear();
      this.#group = group;
      const answered = await this.#operate();
      if (!answered) this.#port.renew();
      await sleep(answered ? this.#random.between(0, thinkMs) : this.#random.between(10, 60));
    }
  }

  #operate(): Promise<boolean> {
    const draw = this.#random.fraction();
    if (draw < 0.28) return this.#get();
    if (draw < 0.38) return this.#range();
    if (draw < 0.63) return this.#put();
    if (draw < 0.7) return this.#delete();
    if (draw < 0.72) return this.#deleteGroup();
    if (draw < 0.74) return this.#leased();
    return this.#txn();
  }

  async #get(): Promise<boolean> {
    const key = this.#key();
    const answer = await this.#recorder.call(
      this.#what('get', { key }),
      () => this.#port.range({ key: this.#path(key) }),
      ({ revision, kvs }) => ({ rev: revision, kvs: kvs.map(written) }),
    );
    if (answer !== undefined) this.#learn(key, answer.kvs[0]);
    return answer !== undefined;
  }

  async #range(): Promise<boolean> {
    const answer = await this.#recorder.call(
      this.#what('range', {}),
      () => this.#port.range({ prefix: this.#path('') }),
      ({ revision, kvs }) => ({ rev: revision, kvs: kvs.map(written) }),
    );
    return answer !== undefined;
  }

  async #put(lease?: string): Promise<boolean> {
    const key = this.#key();
    const value = this.#value();
    const answer = await this.#recorder.call(
      this.#what('put', { key, value, ...(lease === undefined ? {} : { lease }) }),
      () => this.#port.put(this.#path(key), value, lease),
      ({ revision }) => ({ rev: revision }),
    );
    return answer !== undefined;
  }

  async #delete(): Promise<boolean> {
    const key = this.#key();
    const answer = await this.#recorder.call(
      this.#what('delete', { key }),
      () => this.#port.delete({ key: this.#path(key) }),
      ({ revision, deleted }) => ({ rev: revision, deleted }),
    );
    return answer !== undefined;
  }

  async #deleteGroup(): Promise<boolean> {
    const answer = await this.#recorder.call(
      this.#what('delete', {}),
      () => this.#port.delete({ prefix: this.#path('') }),
      ({ revision, deleted }) => ({ rev: revision, deleted }),
    );
    return answer !== undefined;
  }

  /** Keys with a lease, which are gone with it. The lease itself outlives every run, so that nothing else ends it. */
  async #leased(): Promise<boolean> {
    const granted = await this.#leases.leases.grant(3_600_000).catch(() => undefined);
    if (granted === undefined) return false;
    const { lease } = granted;
    const put = await this.#put(lease);
    await sleep(this.#random.between(0, 20));
    const callNs = nowNs();
    const what = this.#what('revoke', { lease });
    try {
      await this.#leases.leases.revoke(lease);
      this.#recorder.add(what, callNs, 'ok', {});
    } catch (error) {
      // Gone: an earlier copy of this very call did it.
      if ((error as { code?: string }).code === 'LEASE_NOT_FOUND') this.#recorder.add(what, callNs, 'ok', {});
      else this.#recorder.failed(what, callNs, error);
    }
    return put;
  }

  async #txn(): Promise<boolean> {
    const conditions = Array.from({ length: 1 + this.#random.below(2) }, () => this.#condition());
    const success = this.#steps();
    const failure = this.#random.chance(0.5) ? this.#steps() : [];
    const parts = {
      compare: conditions.map((condition) => this.#compare(condition)),
      success: success.map((step) => this.#operation(step)),
      failure: failure.map((step) => this.#operation(step)),
    };
    const answer = await this.#recorder.call(
      this.#what('txn', { if: conditions, success, failure }),
      () => this.#port.txn(parts),
      ({ revision, succeeded, responses }) => ({
        rev: revision,
        succeeded,
        responses: responses.map(answered),
      }),
    );
    return answer !== undefined;
  }

  #steps(): Step[] {
    return this.#random
      .shuffled(KEYS)
      .slice(0, 1 + this.#random.below(3))
      .map((key) => {
        const draw = this.#random.fraction();
        if (draw < 0.55) return { do: 'put', key, value: this.#value() };
        return draw < 0.65 ? { do: 'delete', key } : { do: 'get', key };
      });
  }

  /** Mostly one that holds unless somebody else was there in between. */
  #condition(): Condition {
    const key = this.#key();
    const known = this.#known.get(key);
    const draw = this.#random.below(5);
    if (known === undefined) {
      const relation = draw === 0 ? '>' : '=';
      return { key, target: draw < 3 ? 'create' : 'version', relation, to: 0 };
    }
    switch (draw) {
      case 0:
        return { key, target: 'version', relation: '=', to: known.version };
      case 1:
        return { key, target: 'value', relation: '=', to: known.value.toString() };
      case 2:
        return { key, target: 'create', relation: '=', to: known.createRevision };
      case 3:
        return { key, target: 'version', relation: '>', to: known.version };
      default:
        return { key, target: 'mod', relation: '=', to: known.modRevision };
    }
  }

  #compare({ key, target, relation, to }: Condition): KvCompare {
    const path = this.#path(key);
    switch (target) {
      case 'version':
        return compare.version(path, relation, to as number);
      case 'create':
        return compare.createRevision(path, relation, to as number);
      case 'mod':
        return compare.modRevision(path, relation, to as number);
      case 'value':
        return compare.value(path, relation, to as string);
    }
  }

  #operation(step: Step): KvOperation {
    const path = this.#path(step.key);
    switch (step.do) {
      case 'put':
        return op.put(path, step.value);
      case 'delete':
        return op.delete(path);
      case 'get':
        return op.get(path);
    }
  }

  #learn(key: string, kv: KeyValue | undefined): void {
    if (kv === undefined) this.#known.delete(key);
    else this.#known.set(key, kv);
  }

  #what(operation: string, input: object) {
    return {
      client: this.#client,
      op: operation,
      key: this.#group,
      input: { ...input, port: this.#port.name },
    };
  }

  #key(): string {
    return this.#random.pick(KEYS);
  }

  /** No two writes of a run have the same. */
  #value(): string {
    return `${this.#client}.${++this.#values}`;
  }

  #path(key: string): string {
    return `${this.#group}/${key}`;
  }
}

/** A key as it is written down: its name within the group. */
export function written({ key, value, version, createRevision, modRevision, lease }: KeyValue): object {
  const path = key.toString();
  return {
    key: path.slice(path.lastIndexOf('/') + 1),
    value: value.toString(),
    version,
    create: createRevision,
    mod: modRevision,
    ...(lease === '0' ? {} : { lease }),
  };
}

function answered({ response }: KvAnswer): object {
  switch (response?.$case) {
    case 'range':
      return { kvs: response.value.kvs.map(written) };
    case 'put':
      return {};
    case 'deleteRange':
      return { deleted: response.value.deleted };
    default:
      throw new TypeError(`an operation of a transaction was answered with ${response?.$case}`);
  }
}
