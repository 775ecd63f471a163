import type { SetSettingsResponse, SharedSettings, StatusResponse } from '@aegis/proto/v1/cluster';
import { namesOf } from '../build/names.js';
import { RECORD_FILE } from '../build/record.js';
import type { MemberAddress } from '../observe/members-port.js';
import type { TestApiServer } from './api-server.js';
import { FakeKubernetes } from './fake-kubernetes.js';
import type { StoredObject } from './objects.js';

interface Job extends StoredObject {
  readonly spec: { readonly template: { readonly metadata: { readonly labels: Record<string, string> } } };
  readonly status?: { readonly conditions?: readonly unknown[] };
}

/** With Jobs that restore, and with members that share settings by a log. */
export class RicherKubernetes extends FakeKubernetes {
  /** In force; undefined: the members do not tell. */
  shared: SharedSettings | undefined;
  /** Changes of the shared settings in the log. */
  readonly commands: SharedSettings[] = [];
  /** Jobs that ran, and how many of them. */
  restores = 0;
  readonly #api: TestApiServer;
  readonly #place: { readonly namespace: string; readonly cluster: string };

  constructor(server: TestApiServer, namespace: string, cluster: string) {
    super(server, namespace, cluster);
    this.#api = server;
    this.#place = { namespace, cluster };
  }

  override turn(): void {
    super.turn();
    for (const job of this.#api.storage.list('batch/jobs')) this.#run(job as Job);
  }

  override async status(at: MemberAddress): Promise<StatusResponse> {
    const status = await super.status(at);
    return this.shared === undefined ? status : { ...status, settings: this.shared };
  }

  setSettings(_: MemberAddress, __: unknown, settings: SharedSettings): Promise<SetSettingsResponse> {
    const changed = JSON.stringify(settings) !== JSON.stringify(this.shared);
    if (changed) this.commands.push(settings);
    this.shared = settings;
    return Promise.resolve({ settings, changed });
  }

  /** In one turn, as `aegis-replica restore --first-member`: whoever runs it again hears the same. */
  #run(job: Job): void {
    if (job.status?.conditions !== undefined) return;
    const { namespace, cluster } = this.#place;
    const { storage } = this.#api;
    const draft = storage.get('/configmaps', { namespace, name: namesOf(cluster).restore });
    const { data } = draft as unknown as { data: Record<string, string> };
    const { clusterId } = JSON.parse(data[RECORD_FILE]!) as { clusterId: string };
    const nonce = this.nonceIn(0);
    if (nonce === undefined) return;
    const message = JSON.stringify({ memberId: 1, clusterId, nonce });
    const name = `${job.metadata.name}-${++this.restores}`;
    storage.put('/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: job.spec.template.metadata.labels },
      status: { phase: 'Succeeded', containerStatuses: [{ state: { terminated: { message } } }] },
    });
    const ended = { type: 'Complete', status: 'True', lastTransitionTime: new Date().toISOString() };
    storage.put('batch/jobs', { ...job, status: { conditions: [ended] } });
  }
}
