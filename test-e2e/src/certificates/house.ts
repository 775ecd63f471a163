import type { AegisCluster } from '@aegis/crds';
import {
  AdminCertificates,
  keepCertificates,
  Requests,
  type CertificatesContext,
  type CertificatesOutcome,
  type PodTls,
} from '@aegis/operator/certificates';
import { KubeClient, plainServer, RESOURCES, sampleCluster, TestApiServer } from '@aegis/operator/testing';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePorts } from '../harness/ports.js';
import { REPLICA_PROGRAM } from '../harness/programs.js';
import type { Spawned } from '../harness/spawned.js';
import type { TestBed } from '../harness/test-bed.js';
import { Mount } from './kubelet.js';

export interface Tls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface Pod {
  readonly name: string;
  readonly mount: Mount;
  readonly client: string;
  readonly metrics: string;
  readonly life: Spawned;
}

/** Replicas as pods run them, with certificates that the operator keeps on an API server for tests; and its clock. */
export class RotatedCluster {
  /** The operator's clock, in milliseconds since 1970. The replicas have the real one. */
  nowMs: number;
  cluster: AegisCluster;
  readonly pods: Pod[] = [];
  readonly #api = new TestApiServer();
  readonly #bed: TestBed;
  readonly #admins = new AdminCertificates();
  readonly #requests = new Requests();

  private constructor(bed: TestBed, annotations: Readonly<Record<string, string>>, nowMs: number) {
    this.#bed = bed;
    this.nowMs = nowMs;
    const sample = sampleCluster({ tls: { certificateDays: 397 } });
    this.cluster = { ...sample, metadata: { ...sample.metadata, annotations } };
  }

  static async create(
    bed: TestBed,
    annotations: Readonly<Record<string, string>>,
    nowMs: number,
  ): Promise<RotatedCluster> {
    const made = new RotatedCluster(bed, annotations, nowMs);
    await made.#api.start();
    bed.atEnd(() => made.#api.stop());
    await made.pass();
    return made;
  }

  /** Starts three replicas with the certificates of now. */
  async start(): Promise<void> {
    const folder = this.#bed.subfolder('replicas');
    const port = await freePorts(9);
    const record = join(folder, 'bootstrap.json');
    const members = await Promise.all(
      [0, 1, 2].map(async (at) => {
        const name = `sample-${at}`;
        const prepared = this.#bed.spawn('prepare', [
          REPLICA_PROGRAM,
          'prepare',
          '--data',
          join(folder, name),
        ]);
        await prepared.status(10_000);
        const { nonce } = JSON.parse(prepared.stdout.join('')) as { nonce: string };
        const [clientAddress, peerAddress, metricsAddress] = [0, 1, 2].map(
          (each) => `127.0.0.1:${port + 3 * at + each}`,
        );
        return {
          id: at + 1,
          nonce,
          name,
          clientAddress: clientAddress!,
          peerAddress: peerAddress!,
          metricsAddress: metricsAddress!,
        };
      }),
    );
    writeFileSync(record, JSON.stringify({ clusterId: randomUUID(), members }));
    for (const [at, { name, clientAddress, metricsAddress }] of members.entries()) {
      const mount = new Mount(join(folder, `${name}-tls`), at * 1_500);
      mount.sync(await this.#data('member'));
      const files = ['--data', join(folder, name), '--bootstrap', record, '--tls', mount.folder];
      const life = this.#bed.spawn(name, [REPLICA_PROGRAM, 'start', ...files]);
      this.pods.push({ name, mount, client: clientAddress, metrics: metricsAddress, life });
    }
  }

  get endpoints(): string[] {
    return this.pods.map(({ client }) => client);
  }

  /** One pass of the operator; and the Secret goes on its way to the pods. */
  async pass(): Promise<CertificatesOutcome> {
    const client = new KubeClient(plainServer(this.#api.url));
    const context: CertificatesContext = {
      client,
      signal: new AbortController().signal,
      readSecret: (ref) => client.get(RESOURCES.secrets, ref),
      nowMs: () => this.nowMs,
      clusterId: 'abcdef0123456789',
      clusterDomain: 'cluster.local',
      admins: this.#admins,
      requests: this.#requests,
      tellTls: () => Promise.all(this.pods.map((pod) => tellTls(pod))),
      record: () => Promise.resolve(),
    };
    const outcome = await keepCertificates(context, this.cluster);
    const data = await this.#data('member');
    for (const { mount } of this.pods) mount.sync(data);
    return outcome;
  }

  /** What is in a Secret now, as applications read it. */
  async tls(of: 'member' | 'client' = 'client'): Promise<Tls> {
    const data = await this.#data(of);
    const text = (file: string): string => Buffer.from(data[file]!, 'base64').toString();
    return { ca: text('ca.crt'), cert: text('tls.crt'), key: text('tls.key') };
  }

  async #data(of: 'member' | 'client'): Promise<Record<string, string>> {
    const client = new KubeClient(plainServer(this.#api.url));
    const secret = await client.get(RESOURCES.secrets, { namespace: 'house', name: `sample-${of}` });
    return { ...secret!.data };
  }
}

async function tellTls({ name, metrics }: Pod): Promise<PodTls> {
  try {
    const answer = await fetch(`http://${metrics}/member`, { signal: AbortSignal.timeout(2_000) });
    return { pod: name, tls: ((await answer.json()) as { tls?: PodTls['tls'] }).tls };
  } catch {
    return { pod: name, tls: undefined };
  }
}
