import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authority } from '@aegis/client/certificates';
import { sampleCluster } from '../../testing/cluster.js';
import { TestApiServer } from '../../testing/api-server.js';
import { selectorOf } from '../../build/names.js';
import { startMember, type Place } from './member-server.js';

const NAMESPACE = 'house';

/** An API server with the cluster `sample` of three members that can be called, and a kubeconfig for it. */
export class PluginScene {
  readonly api = new TestApiServer();
  readonly folder = mkdtempSync(join(tmpdir(), 'aegis-plugin-'));
  readonly place: Place = { leader: 2, term: 4 };
  readonly #stops: (() => void)[] = [];

  get kubeconfig(): string {
    return join(this.folder, 'kubeconfig');
  }

  async start(): Promise<void> {
    await this.api.start();
    this.#writeKubeconfig();
    const authority = await Authority.create('sample-id');
    const { cert: ca } = authority.pem;
    const client = await authority.issue({ name: 'application', role: 'aegis:client' });
    this.put('', 'secrets', 'Secret', 'sample-client', {
      data: encoded({ 'ca.crt': ca, 'tls.crt': client.cert, 'tls.key': client.key }),
    });
    this.put('', 'secrets', 'Secret', 'sample-authority', {
      data: encoded({ 'tls.crt': ca, 'tls.key': authority.pem.key }),
    });
    for (let id = 1; id <= 3; id++) await this.#startMember(id, authority);
    const members = [1, 2, 3].map((id) => ({
      id,
      pod: `sample-${id - 1}`,
      role: id === 2 ? 'Leader' : 'Follower',
      ready: true,
    }));
    const available = {
      type: 'Available',
      status: 'True',
      reason: 'QuorumAnswers',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const status = { leader: 'sample-1', term: 4, readyReplicas: 3, members, conditions: [available] };
    this.api.storage.put('aegis.dev/aegisclusters', {
      ...sampleCluster({ replicas: 3 }),
      status,
    });
  }

  put(
    group: string,
    plural: string,
    kind: string,
    name: string,
    more: object,
    labels: Readonly<Record<string, string>> = {},
  ): void {
    const metadata = { name, namespace: NAMESPACE, labels };
    this.api.storage.put(`${group}/${plural}`, {
      apiVersion: 'v1',
      kind,
      metadata,
      ...more,
    });
  }

  async end(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.api.stop();
    rmSync(this.folder, { recursive: true });
  }

  async #startMember(id: number, authority: Authority): Promise<void> {
    const name = `sample-${id - 1}`;
    const served = { dnsNames: ['localhost'], addresses: ['127.0.0.1'] };
    const own = await authority.issue({ name, role: 'aegis:replica', ...served });
    const { port, stop } = await startMember(id, this.place, authority.pem.cert, own);
    this.#stops.push(stop);
    this.api.ports.set(name, port);
    const spec = { containers: [{ name: 'aegis', env: [{ name: 'FORGE_TOKEN', value: 'hunter2' }] }] };
    const status = { phase: 'Running', containerStatuses: [{ restartCount: id === 1 ? 1 : 0 }] };
    this.put('', 'pods', 'Pod', name, { spec, status }, selectorOf('sample'));
    this.api.logs.set(name, `log of ${name}\nauthorization: Bearer abcdefghijkl\n`);
  }

  #writeKubeconfig(): void {
    const named = { cluster: 'test', user: 'test' };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: this.api.url, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'test', user: {} }],
      contexts: [
        { name: 'house', context: { ...named, namespace: NAMESPACE } },
        { name: 'elsewhere', context: { ...named, namespace: 'elsewhere' } },
      ],
      'current-context': 'house',
    };
    writeFileSync(this.kubeconfig, JSON.stringify(config));
  }
}

function encoded(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString('base64')]),
  );
}
