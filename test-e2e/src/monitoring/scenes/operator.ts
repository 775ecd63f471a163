import { Authority } from '@aegis/client/certificates';
import {
  FaultyProxy,
  KubeClient,
  plainServer,
  RESOURCES,
  sampleCluster,
  TestApiServer,
} from '@aegis/operator/testing';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Guardian } from '../../harness/guardian.js';
import { freePorts } from '../../harness/ports.js';
import { Spawned } from '../../harness/spawned.js';

const PROGRAM = fileURLToPath(new URL('../../../../operator/bin/aegis-operator.js', import.meta.url));
const WORKS_MS = 30_000;
const STOP_MS = 15_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LIFE_DAYS = 90;

/**
 * The operator's own process with one cluster to look after, at the API server for tests: it runs no pods, so that the cluster is
 * declared and certified, and never made.
 */
export class OperatorScene {
  readonly #api: TestApiServer;
  readonly #client: KubeClient;
  readonly #proxy: FaultyProxy;
  readonly #cluster = sampleCluster();
  #process: Spawned | undefined;
  #touched = 0;

  private constructor(
    private readonly folder: string,
    readonly address: string,
    private readonly guardian: Guardian,
    api: TestApiServer,
  ) {
    this.#api = api;
    this.#client = new KubeClient(plainServer(api.url));
    this.#proxy = new FaultyProxy(plainServer(api.url));
  }

  static async start(folder: string, guardian: Guardian): Promise<OperatorScene> {
    const api = new TestApiServer();
    await api.start();
    const scene = new OperatorScene(folder, `127.0.0.1:${await freePorts(1)}`, guardian, api);
    await scene.#proxy.start();
    const { metadata, ...rest } = scene.#cluster;
    const { uid: _, generation: __, ...named } = metadata;
    await scene.#client.create(RESOURCES.clusters, { ...rest, metadata: named });
    await scene.startOperator();
    return scene;
  }

  /** Of the cluster that the operator looks after. */
  get clusterName(): string {
    return this.#cluster.metadata.name;
  }

  async startOperator(): Promise<void> {
    const env = { KUBECONFIG: this.#kubeconfig(), POD_NAME: 'operator', POD_NAMESPACE: 'house' };
    const argv = [PROGRAM, '--member-image=aegis:test', `--listen=${this.address}`];
    this.#process = new Spawned(this.guardian, 'aegis-operator', argv, env);
    await this.#process.line('that it works', WORKS_MS, (line) => line.includes('"working"'));
  }

  async stopOperator(): Promise<void> {
    this.#process?.signal('SIGTERM');
    await this.#process?.status(STOP_MS);
  }

  /** Gives the operator something to look at, as whoever edits a label does. */
  async touch(): Promise<void> {
    const { name, namespace = '' } = this.#cluster.metadata;
    const labels = { touched: `${this.#touched++}` };
    await this.#client.merge(RESOURCES.clusters, { namespace, name }, { metadata: { labels } });
  }

  /** The API server fails all but leases, so that the operator goes on leading and can do nothing, while something is to be done. */
  async refuse(): Promise<void> {
    // That a service is gone is still seen, and what makes it again fails: from then on it is tried again and again.
    this.#proxy.refuses = ({ method, url }) => method !== 'GET' && !isLease(url);
    await this.#deleteServices();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    this.#proxy.refuses = ({ url }) => !isLease(url);
    this.#proxy.breakConnections();
  }

  accept(): void {
    this.#proxy.refuses = undefined;
  }

  /** Somebody pauses the cluster and forgets it: its members' certificate is of long ago, and ends in an hour. */
  async neglectRenewal(): Promise<void> {
    await this.#pause(true);
    const { name, namespace = '' } = this.#cluster.metadata;
    const pem = async (file: string): Promise<string> => {
      const authority = await this.#client.get(RESOURCES.secrets, { namespace, name: `${name}-authority` });
      return Buffer.from(authority?.data?.[file] ?? '', 'base64').toString();
    };
    const authority = await Authority.load({ cert: await pem('tls.crt'), key: await pem('tls.key') });
    const now = new Date(Date.now() + HOUR_MS - LIFE_DAYS * DAY_MS);
    const issued = await authority.issue({ name, role: 'aegis:replica' }, { days: LIFE_DAYS, now });
    const data = { 'tls.crt': base64(issued.cert), 'tls.key': base64(issued.key) };
    await this.#client.merge(RESOURCES.secrets, { namespace, name: `${name}-member` }, { data });
  }

  async renewAgain(): Promise<void> {
    await this.#pause(false);
  }

  async #pause(paused: boolean): Promise<void> {
    const { name, namespace = '' } = this.#cluster.metadata;
    await this.#client.merge(RESOURCES.clusters, { namespace, name }, { spec: { paused } });
    // Seen before anything else changes.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }

  async #deleteServices(): Promise<void> {
    const { namespace = '' } = this.#cluster.metadata;
    const { items } = await this.#client.list(RESOURCES.services, { namespace });
    if (items.length === 0) throw new Error('the operator has made no service yet');
    for (const { metadata } of items)
      await this.#client.delete(RESOURCES.services, { namespace, name: metadata.name });
  }

  async end(): Promise<void> {
    if (this.#process?.running === true) await this.stopOperator();
    await this.#proxy.kill();
    await this.#api.stop();
  }

  #kubeconfig(): string {
    const file = join(this.folder, 'kubeconfig');
    const cluster = { server: this.#proxy.url, 'insecure-skip-tls-verify': true };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster }],
      users: [{ name: 'test', user: {} }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      'current-context': 'test',
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const isLease = (url: string): boolean => url.includes('/leases');
