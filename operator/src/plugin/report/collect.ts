import { incident, type AegisCluster, type Incident } from '@aegis/crds';
import { GROUP, VERSION } from '@aegis/crds';
import { selectorOf } from '../../build/names.js';
import { exchange, readBody } from '../../kube/exchange.js';
import { errorOf } from '../../kube/errors.js';
import type { KubeObject } from '../../kube/object.js';
import { pathOf, RESOURCES, type ObjectOf, type ResourceType } from '../../kube/resource.js';
import { allOf, type Target } from '../target.js';
import { messageOf } from '../trouble.js';
import { redacted, redactedLog } from './redact.js';
import type { TarFile } from './tar.js';

const LOG_MS = 20_000;
const LOG_BYTES_MAX = 10 * 1024 * 1024;

const INCIDENTS: ResourceType<Incident> = {
  group: GROUP,
  version: VERSION,
  plural: incident.plural,
  kind: incident.kind,
};

/** Files of a report, and what could not be had. */
export interface Collected {
  readonly files: readonly TarFile[];
  readonly problems: readonly string[];
}

/** Reads what support needs of one cluster. Secrets are never read. What cannot be read is told in `problems.txt`. */
export async function collect(target: Target, cluster: AegisCluster, tail: number): Promise<Collected> {
  const files: TarFile[] = [];
  const problems: string[] = [];
  const add = (path: string, value: unknown): void => {
    const text =
      typeof value === 'string' ? redactedLog(value) : `${JSON.stringify(redacted(value), null, 2)}\n`;
    files.push({ path, bytes: Buffer.from(text) });
  };
  const attempt = async (path: string, read: () => Promise<unknown>): Promise<void> => {
    try {
      add(path, await read());
    } catch (error) {
      problems.push(`${path}: ${messageOf(error)}`);
    }
  };
  const { name } = cluster.metadata;
  const labels = Object.entries(selectorOf(name))
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
  const own = (type: ResourceType) => async () =>
    (await allOf(target, type)).filter((each) => isAbout(each, name));
  const labelled = (type: ResourceType) => () => allOf(target, type, labels);
  add('status.json', cluster.status ?? {});
  add('cluster.json', cluster);
  await attempt('kubernetes.json', () => jsonAt(target, '/version'));
  await attempt('leases.json', own(RESOURCES.leases));
  await attempt('recommendations.json', own(RESOURCES.recommendations));
  await attempt('incidents.json', own(INCIDENTS));
  await attempt('events.json', async () =>
    (await allOf(target, RESOURCES.events)).filter((each) => happenedTo(each, name)),
  );
  for (const type of [
    'statefulSets',
    'services',
    'configMaps',
    'volumeClaims',
    'networkPolicies',
    'disruptionBudgets',
  ] as const)
    await attempt(`${type}.json`, labelled(RESOURCES[type]));
  let pods: readonly Pod[] = [];
  await attempt('pods.json', async () => (pods = await allOf(target, RESOURCES.pods, labels)));
  for (const pod of pods) {
    const path = (file: string): string => `logs/${pod.metadata.name}${file}.log`;
    await attempt(path(''), () => logOf(target, pod, tail, false));
    if (restarted(pod)) await attempt(path('.previous'), () => logOf(target, pod, tail, true));
  }
  if (problems.length > 0) add('problems.txt', `${problems.join('\n')}\n`);
  return { files, problems };
}

type Pod = ObjectOf<typeof RESOURCES.pods>;

/** Kinds of this house name their cluster. */
function isAbout(object: KubeObject, cluster: string): boolean {
  const { clusterRef } = ((object as { spec?: unknown }).spec ?? {}) as { clusterRef?: { name?: string } };
  return clusterRef?.name === cluster;
}

/** To the cluster, or to what it is made of: all of their names begin with its own. */
function happenedTo({ involvedObject }: ObjectOf<typeof RESOURCES.events>, cluster: string): boolean {
  const { name = '' } = involvedObject;
  return name === cluster || name.startsWith(`${cluster}-`) || name.startsWith(`data-${cluster}-`);
}

function restarted({ status }: Pod): boolean {
  return (status?.containerStatuses ?? []).some(({ restartCount }) => restartCount > 0);
}

function logOf(
  { server, namespace }: Target,
  { metadata, spec }: Pod,
  tail: number,
  previous: boolean,
): Promise<string> {
  const container = spec?.containers?.[0]?.name;
  const query = {
    tailLines: String(tail),
    limitBytes: String(LOG_BYTES_MAX),
    ...(container === undefined ? {} : { container }),
    ...(previous ? { previous: 'true' } : {}),
  };
  return textAt(
    server,
    pathOf(RESOURCES.pods, { namespace, name: metadata.name, subresource: 'log' }),
    query,
  );
}

async function jsonAt({ server }: Target, path: string): Promise<unknown> {
  return JSON.parse(await textAt(server, path, {}));
}

async function textAt(
  server: Target['server'],
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<string> {
  const response = await exchange(server, { method: 'GET', path, query, timeoutMs: LOG_MS });
  const body = await readBody(response, `GET ${path}`, LOG_MS);
  const code = response.statusCode ?? 0;
  if (code >= 300) throw errorOf(code, body, undefined, `GET ${path}`);
  return body;
}
