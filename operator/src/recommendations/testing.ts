import type { TuningRecommendation } from '@aegis/crds';
import { API_VERSION } from '@aegis/crds';
import { resolveSettings, type Patch } from '@aegis/replica/settings';
import { createHash } from 'node:crypto';
import { VERIFIER } from '../build/verification.js';
import { RESOURCES, type ObjectOf } from '../kube/resource.js';
import type { Scene } from '../testing/scene.js';

type Job = ObjectOf<typeof RESOURCES.jobs>;
type Pod = ObjectOf<typeof RESOURCES.pods>;

const BASE = resolveSettings('all');

/** One that asks about itself, as the agent makes it. */
export function sampleRecommendation(
  name = 'orders-1',
  spec: Partial<TuningRecommendation['spec']> = {},
): TuningRecommendation {
  const patch: Patch = { electionTimeoutMs: 1_300 };
  const about = { replicas: 5, base: BASE, patch } as const;
  return {
    apiVersion: API_VERSION,
    kind: 'TuningRecommendation',
    metadata: { name, namespace: 'house', uid: '6f0c2b1e-0000-4000-8000-000000000002', generation: 1 },
    spec: {
      clusterRef: { name: 'sample' },
      ...about,
      rollback: { electionTimeoutMs: 1_000 },
      rationale: 'Elections follow pauses of 900 ms.',
      envelope: { passed: true, findings: [] },
      question: JSON.stringify({ version: 1, ...about, profile: 'all', class: 'ElectionStorm', trace: '…' }),
      validUntil: '2027-02-28T12:00:00Z',
      ...spec,
    },
  };
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What a verifier says about this question. */
export function answerTo(question: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    result: 'Improves',
    signal: 'elections: new terms',
    unit: '1/min',
    before: 6_200,
    after: 400,
    delta: -5_800,
    deltaLow: -7_000,
    deltaHigh: -4_100,
    seeds: 16,
    questionDigest: digestOf(question),
    reportDigest: 'ab'.repeat(32),
    ...more,
  };
}

/** What the controller of Jobs and the kubelet do about a verification: a pod, and its end. */
export class JobWorld {
  constructor(private readonly scene: Scene) {}

  get jobs(): Promise<readonly Job[]> {
    return this.scene.client
      .list(RESOURCES.jobs, { namespace: this.scene.namespace })
      .then(({ items }) => items);
  }

  async onlyJob(): Promise<Job> {
    const jobs = await this.jobs;
    if (jobs.length !== 1) throw new Error(`there are ${jobs.length} Jobs`);
    return jobs[0]!;
  }

  /** A pod of the Job as its template says, that ended with this message. */
  async pod(
    job: Job,
    message: string,
    more: { phase?: 'Succeeded' | 'Failed'; image?: string; owner?: string } = {},
  ) {
    const { phase = 'Succeeded', image, owner = job.metadata.uid! } = more;
    const { metadata, spec } = job.spec!.template;
    const [container] = spec!.containers;
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${job.metadata.name}-${Math.random().toString(36).slice(2, 7)}`,
        namespace: this.scene.namespace,
        labels: metadata!.labels!,
        ownerReferences: [
          { apiVersion: 'batch/v1', kind: 'Job', name: job.metadata.name, uid: owner, controller: true },
        ],
      },
      spec: { ...spec!, containers: [{ ...container!, ...(image === undefined ? {} : { image }) }] },
    };
    await this.scene.client.create(RESOURCES.pods, pod);
    const terminated = { exitCode: phase === 'Succeeded' ? 0 : 1, message };
    const containerStatuses = [
      { name: VERIFIER, state: { terminated }, image: '', imageID: '', ready: false, restartCount: 0 },
    ];
    await this.scene.client.apply(
      RESOURCES.pods,
      { ...pod, status: { phase, containerStatuses } },
      {
        subresource: 'status',
      },
    );
  }

  /** @param atMs milliseconds since 1970 */
  async end(job: Job, type: 'Complete' | 'Failed', atMs: number, reason = ''): Promise<void> {
    const lastTransitionTime = new Date(atMs).toISOString();
    const condition = { type, status: 'True', reason, lastTransitionTime };
    const { apiVersion, kind, metadata } = job;
    const { name, namespace } = metadata;
    const status = { conditions: [condition], ...(type === 'Failed' ? { failed: 2 } : {}) };
    const object = { apiVersion, kind, metadata: { name, namespace: namespace! }, status } as unknown as Job;
    await this.scene.client.apply(RESOURCES.jobs, object, { subresource: 'status' });
  }
}
