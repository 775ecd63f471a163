import { connect, type Client, type ClientOptions } from '@aegis/client';
import type { StatusResponse } from '@aegis/proto/v1/cluster';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { askStatus } from './ask-status.js';
import { eventually } from './clock.js';
import type { Guardian } from './guardian.js';
import { freePorts } from './ports.js';
import { REPLICA_PROGRAM } from './programs.js';
import { type MemberAddress, Replica } from './replica.js';
import { Spawned } from './spawned.js';

export interface ClusterOptions {
  /** Five unless told. */
  readonly replicas?: number;
  /** Consensus settings that are not the defaults. */
  readonly consensus?: Readonly<Record<string, number>>;
  /** More flags for each replica. */
  readonly flags?: readonly string[];
}

export interface Leader {
  readonly replica: Replica;
  readonly term: number;
}

/** `ask`: peer addresses that it asks, beside those of the record, while it joins. */
type NewReplica = (member: MemberAddress, ask: readonly string[]) => Replica;

/** A cluster on loopback without TLS whose replicas the test starts, kills, stops and wakes one by one. */
export class Cluster {
  readonly id: string;
  readonly replicas: readonly Replica[];
  readonly #newReplica: NewReplica;
  /** Of newcomers and of who was removed. */
  readonly #others: Replica[] = [];
  readonly #clients: Client[] = [];

  private constructor(id: string, replicas: Replica[], newReplica: NewReplica) {
    this.id = id;
    this.replicas = replicas;
    this.#newReplica = newReplica;
  }

  /** Prepares the folders and writes the bootstrap record; starts nothing. */
  static async prepare(guardian: Guardian, folder: string, options: ClusterOptions = {}): Promise<Cluster> {
    const count = options.replicas ?? 5;
    const port = await freePorts(3 * count);
    const id = randomUUID();
    const members = await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const name = `aegis-${at + 1}`;
        return {
          id: at + 1,
          name,
          nonce: await nonceOf(guardian, join(folder, name)),
          clientAddress: `127.0.0.1:${port + 3 * at}`,
          peerAddress: `127.0.0.1:${port + 3 * at + 1}`,
          metricsAddress: `127.0.0.1:${port + 3 * at + 2}`,
        };
      }),
    );
    const record = join(folder, 'bootstrap.json');
    writeFileSync(record, JSON.stringify({ clusterId: id, members }));
    const flags = [
      '--bootstrap',
      record,
      '--insecure',
      '--profile',
      'all',
      ...settingsFlags(folder, options.consensus),
      ...(options.flags ?? []),
    ];
    const newReplica: NewReplica = (member, ask) => {
      const joining = [
        '--metrics',
        member.metricsAddress,
        ...(ask.length === 0 ? [] : ['--join', ask.join()]),
      ];
      return new Replica(guardian, member, join(folder, member.name), [...flags, ...joining]);
    };
    const replicas = members.map((member) => newReplica(member, []));
    return new Cluster(id, replicas, newReplica);
  }

  get endpoints(): string[] {
    return this.replicas.map(({ member }) => member.clientAddress);
  }

  replica(id: number): Replica {
    const found = this.replicas.find((replica) => replica.id === id);
    if (found === undefined) throw new Error(`no replica ${id}`);
    return found;
  }

  /** A replica with ports and an empty folder of its own, which is no member yet and not started. */
  async newcomer(name: string): Promise<Replica> {
    const port = await freePorts(3);
    const [clientAddress, peerAddress, metricsAddress] = [0, 1, 2].map((at) => `127.0.0.1:${port + at}`);
    const addresses = {
      clientAddress: clientAddress!,
      peerAddress: peerAddress!,
      metricsAddress: metricsAddress!,
    };
    const ask = this.replicas.map(({ member }) => member.peerAddress);
    const newcomer = this.#newReplica({ id: 0, name, ...addresses }, ask);
    this.#others.push(newcomer);
    return newcomer;
  }

  /** Counts it among the replicas from now on. */
  adopt(newcomer: Replica, id: number): void {
    newcomer.became(id);
    (this.replicas as Replica[]).push(newcomer);
  }

  /** It is no member any more. */
  dismiss(id: number): void {
    const gone = this.replica(id);
    (this.replicas as Replica[]).splice(this.replicas.indexOf(gone), 1);
    this.#others.push(gone);
  }

  /** Starts what does not run, and waits until all are ready. */
  async start(withinMs = 20_000): Promise<void> {
    for (const replica of this.replicas) if (!replica.running) replica.start();
    await this.settled(withinMs);
  }

  /** A client that is closed with the cluster. */
  connect(options: Partial<ClientOptions> = {}): Client {
    const client = connect({ endpoints: this.endpoints, ...options });
    this.#clients.push(client);
    return client;
  }

  /** What the running replicas say of themselves. */
  async statuses(): Promise<StatusResponse[]> {
    const asked = this.replicas.filter(({ running }) => running);
    const answers = await Promise.all(asked.map(({ member }) => askStatus(member.clientAddress)));
    return answers.filter((answer) => answer !== undefined);
  }

  /** The leader of the newest term, as it says itself. */
  leader(options: { readonly afterTerm?: number; readonly withinMs?: number } = {}): Promise<Leader> {
    const { afterTerm = 0, withinMs = 15_000 } = options;
    return eventually(`a leader in a term after ${afterTerm}`, withinMs, async () => {
      const newest = (await this.statuses()).toSorted((a, b) => b.term - a.term)[0];
      if (newest === undefined || newest.term <= afterTerm || newest.leaderId === 0) return undefined;
      // Who was removed may still be told to lead.
      const replica = this.replicas.find(({ id }) => id === newest.leaderId);
      if (replica === undefined) return undefined;
      const own = replica.running ? await askStatus(replica.member.clientAddress) : undefined;
      if (own?.role !== 'leader' || own.term !== newest.term) return undefined;
      return { replica, term: own.term };
    });
  }

  /** Waits until every replica runs, agrees on the leader and has applied what it had committed. */
  async settled(withinMs = 20_000): Promise<Leader> {
    await Promise.all(this.replicas.map((replica) => replica.ready(withinMs)));
    return eventually('all replicas agreeing and caught up', withinMs, async () => {
      const all = await this.statuses();
      const leading = all.find(({ role }) => role === 'leader');
      if (leading === undefined || all.length < this.replicas.length) return undefined;
      const agreed = all.every(
        (each) =>
          each.term === leading.term &&
          each.leaderId === leading.memberId &&
          each.appliedIndex >= leading.commitIndex - CATCH_UP_ENTRIES,
      );
      return agreed ? { replica: this.replica(leading.memberId), term: leading.term } : undefined;
    });
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.abandon();
    await Promise.all([...this.replicas, ...this.#others].map((replica) => replica.kill()));
  }

  tail(): string {
    return [...this.replicas, ...this.#others].map((replica) => replica.tail()).join('\n');
  }
}

/** Under load the replicas are asked one after the other, and move on meanwhile. */
const CATCH_UP_ENTRIES = 500;

function settingsFlags(folder: string, consensus: ClusterOptions['consensus']): string[] {
  if (consensus === undefined) return [];
  const path = join(folder, 'settings.yaml');
  const document = {
    apiVersion: 'aegis.dev/v1alpha1',
    kind: 'AegisCluster',
    metadata: { name: 'test' },
    spec: { profile: 'locks', consensus },
  };
  writeFileSync(path, JSON.stringify(document));
  return ['--settings', path];
}

async function nonceOf(guardian: Guardian, data: string): Promise<string> {
  const prepared = new Spawned(guardian, `prepare ${data}`, [REPLICA_PROGRAM, 'prepare', '--data', data]);
  if ((await prepared.status(20_000)) !== 0) throw new Error(prepared.tail());
  return (JSON.parse(prepared.stdout.join('')) as { nonce: string }).nonce;
}
