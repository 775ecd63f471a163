import { channelCredentials, channelOptions } from '@aegis/client/channel';
import { errorFromGrpc, type TlsOptions } from '@aegis/client';
import { table } from '@aegis/client/terminal';
import type { AegisCluster } from '@aegis/crds';
import { ClusterClient, type StatusResponse, type TransferLeadershipResponse } from '@aegis/proto/v1/cluster';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { LABELS, PORTS, selectorOf } from '../build/names.js';
import { RESOURCES, type ObjectOf } from '../kube/resource.js';
import { adminCredentials, clientCredentials } from './credentials.js';
import { EXIT, PluginError } from './errors.js';
import { forwardTo, type Forwarded } from './forward.js';
import type { Found } from './print.js';
import { allOf, type Target } from './target.js';
import { messageOf } from './trouble.js';

const STATUS_MS = 5_000;
/** Longer than a replica takes for it. */
const TRANSFER_MS = 15_000;

type Pod = ObjectOf<typeof RESOURCES.pods>;
type Call<T> = (client: ClusterClient, done: (failure: ServiceError | null, response: T) => void) => void;

/** A pod of the cluster, and what its member says of itself, or why it says nothing. */
interface Asked {
  readonly pod: string;
  readonly call: <T>(call: Call<T>) => Promise<T>;
  readonly answer: StatusResponse | string;
}

/** What the members say of themselves. */
export async function members(
  target: Target,
  cluster: AegisCluster,
  tls: string | undefined,
): Promise<Found> {
  const credentials = await clientCredentials(target, cluster, tls);
  return withMembers(target, cluster, credentials, (asked) => {
    const json = asked.map(({ pod, answer }) =>
      typeof answer === 'string' ? { pod, error: answer } : { pod, status: answer },
    );
    const rows = asked.map(({ pod, answer }) => {
      if (typeof answer === 'string') return ['-', pod, 'AWAY', '-', '-', '-', '-', answer];
      const { memberId, role, term, commitIndex, appliedIndex, version } = answer;
      return [memberId, pod, role, term, commitIndex, appliedIndex, version, ''];
    });
    const header = ['ID', 'POD', 'ROLE', 'TERM', 'COMMIT', 'APPLIED', 'VERSION', ''];
    const leads = leaderOf(asked) !== undefined;
    const text = `${table(header, rows)}${leads ? '' : '\nnobody leads'}`;
    return Promise.resolve({ json, text, status: leads ? EXIT.ok : EXIT.unavailable });
  });
}

/** Hands leadership over. @param memberId 0: to the most caught-up member */
export async function transferLeader(
  target: Target,
  cluster: AegisCluster,
  memberId: number,
  tls: string | undefined,
): Promise<Found> {
  const credentials = await adminCredentials(target, cluster, tls);
  return withMembers(target, cluster, credentials, async (asked) => {
    const leader = leaderOf(asked);
    if (leader === undefined)
      throw new PluginError(
        `nobody leads: ${asked.map(({ pod, answer }) => `${pod}: ${typeof answer === 'string' ? answer : answer.role}`).join('; ')}`,
        EXIT.unavailable,
      );
    const deadline = Date.now() + TRANSFER_MS;
    const { leaderId, term } = await leader.call<TransferLeadershipResponse>((client, done) =>
      client.transferLeadership({ targetId: memberId }, new Metadata(), { deadline }, done),
    );
    return { json: { leader: leaderId, term }, text: `member ${leaderId} leads, term ${term}` };
  });
}

/** The one of the newest term that says so itself. */
function leaderOf(asked: readonly Asked[]): Asked | undefined {
  const leading = asked.filter(({ answer }) => typeof answer !== 'string' && answer.role === 'leader');
  return leading.toSorted((a, b) => (b.answer as StatusResponse).term - (a.answer as StatusResponse).term)[0];
}

async function withMembers(
  target: Target,
  cluster: AegisCluster,
  credentials: TlsOptions,
  work: (asked: readonly Asked[]) => Promise<Found>,
): Promise<Found> {
  const selector = Object.entries(selectorOf(cluster.metadata.name)).map(
    ([label, value]) => `${label}=${value}`,
  );
  const pods = await allOf(target, RESOURCES.pods, selector.join(','));
  if (pods.length === 0)
    throw new PluginError(
      `the cluster has no pods (label ${LABELS.cluster}=${cluster.metadata.name}): see kubectl aegis status`,
      EXIT.unavailable,
    );
  const opened: (() => void)[] = [];
  try {
    const asked = await Promise.all(pods.map((pod) => ask(target, pod, credentials, opened)));
    return await work(asked.toSorted((a, b) => a.pod.localeCompare(b.pod, 'en', { numeric: true })));
  } finally {
    for (const close of opened) close();
  }
}

async function ask(target: Target, pod: Pod, tls: TlsOptions, opened: (() => void)[]): Promise<Asked> {
  const { name } = pod.metadata;
  const forwarded = await forwardTo(target.config, { namespace: target.namespace, name }, PORTS.client);
  const address = `127.0.0.1:${forwarded.port}`;
  const client = new ClusterClient(address, channelCredentials(tls), channelOptions(address));
  opened.push(() => {
    client.close();
    forwarded.close();
  });
  const call = <T>(make: Call<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      make(client, (failure, response) => {
        if (failure === null) resolve(response);
        else reject(errorFromGrpc(failure, name));
      });
    });
  const deadline = Date.now() + STATUS_MS;
  const answer = await call<StatusResponse>((each, done) =>
    each.status({}, new Metadata(), { deadline }, done),
  ).catch((error: unknown) => whyNot(pod, forwarded, error));
  return { pod: name, call, answer };
}

/** The nearest reason: the pod does not run, it cannot be reached, or it does not answer. */
function whyNot(pod: Pod, { problem }: Forwarded, error: unknown): string {
  const phase = pod.status?.phase;
  if (phase !== undefined && phase !== 'Running') return `the pod is ${phase}`;
  const forwarding = problem();
  if (forwarding === undefined) return messageOf(error);
  const rights = /\b403\b/.test(forwarding) ? ': you may not create pods/portforward here' : '';
  return `port-forward failed (${forwarding})${rights}`;
}
