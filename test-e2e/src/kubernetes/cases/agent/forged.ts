import { CustomObjectsApi, type ApiException } from '@kubernetes/client-node';

import { eventually } from '../../../harness/clock.js';
import { cluster, recommendation } from '../../../crds/objects.js';
import { type Case, expect } from '../case.js';
import { installOperator, OPERATOR } from '../release/operator.js';
import { asAccount } from './as-agent.js';

const GROUP = { group: 'aegis.dev', version: 'v1alpha1' } as const;
/** A new policy takes hold a moment after it was written. */
const IN_FORCE_MS_MAX = 30_000;
const VERIFICATION = {
  result: 'Improves',
  signal: 'elections per hour',
  unit: '1/h',
  before: 9000,
  after: 1000,
  delta: -8000,
  deltaLow: -9000,
  deltaHigh: -7000,
  seeds: 30,
  reportDigest: 'ab'.repeat(32),
  completedTime: '2026-01-31T12:00:00Z',
};

interface Stored {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly status?: object;
}

/** What the agent's rights let it write, the admission policies keep within what it may say. */
export const forgedPhasesAreRefused: Case = {
  name: 'a recommendation that the agent calls Verified, Merged or Applied, or gives a verification, is refused by the API server',
  async run(stage) {
    const { kubectl, namespace, note } = stage;
    await installOperator(stage);
    const config = await asAccount(kubectl, OPERATOR.namespace, OPERATOR.agent);
    const api = config.makeApiClient(CustomObjectsApi);
    const at = { ...GROUP, namespace, plural: 'tuningrecommendations' };
    const body = inNamespace(recommendation(), namespace);
    await api.createNamespacedCustomObject({ ...at, body });
    const { name } = body.metadata;
    const say = async (status: object, dryRun?: 'All'): Promise<string> => {
      const stored = (await api.getNamespacedCustomObject({ ...at, name })) as Stored;
      const next = { ...stored, status: { ...stored.status, ...status } };
      return api
        .replaceNamespacedCustomObjectStatus({ ...at, name, body: next, ...(dryRun && { dryRun }) })
        .then(() => '', messageOf);
    };
    const forged = [
      { phase: 'Verified' },
      { phase: 'Merged' },
      { phase: 'Applied', reason: 'Merged' },
      { verification: VERIFICATION },
      { phase: 'PullRequestOpen', verification: VERIFICATION },
    ];
    const first = await eventually('the policy in force', IN_FORCE_MS_MAX, async () => {
      const said = await say({ phase: 'Verified' }, 'All');
      return said === '' ? undefined : said;
    });
    expect(/written by the operator alone/.test(first), first);
    for (const status of forged) {
      const said = await say(status);
      expect(/written by the operator alone/.test(said), `${JSON.stringify(status)}: ${said || 'accepted'}`);
      note(`${JSON.stringify(status).slice(0, 60)}: ${said.replace(/^.*denied request: /s, '')}`);
    }
    // What it may say, it can: otherwise all this would show that nothing works.
    for (const status of [
      { phase: 'Proposed' },
      { phase: 'PullRequestOpen' },
      { phase: 'Superseded', reason: 'Newer' },
    ]) {
      const said = await say(status);
      expect(said === '', `${JSON.stringify(status)}: ${said}`);
    }
    const forbidden = await api
      .deleteNamespacedCustomObject({ ...at, name })
      .then(() => 'deleted', messageOf);
    expect(/cannot delete/.test(forbidden), forbidden);
    const made = await api
      .createNamespacedCustomObject({
        ...at,
        plural: 'aegisclusters',
        body: inNamespace(cluster() as unknown as Stored, namespace),
      })
      .then(() => 'created', messageOf);
    expect(/cannot create/.test(made), made);
  },
};

function inNamespace(object: Stored, namespace: string): Stored {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function messageOf(error: unknown): string {
  const { body, message } = error as ApiException<unknown>;
  const status = (typeof body === 'string' ? JSON.parse(body) : body) as { message?: string } | undefined;
  return status?.message ?? message;
}
