import { randomUUID } from 'node:crypto';
import type { ClusterState, MemberState } from './cluster-folder.js';
import { SupervisorError } from './errors.js';

/** What the flags of `aegis up` ask for; undefined: not said. */
export interface UpRequest {
  readonly profile?: string;
  readonly replicas?: number;
  readonly basePort?: number;
  readonly insecure?: boolean;
}

const DEFAULTS = { profile: 'all', replicas: 5, basePort: 4_410, insecure: false } as const;
/** As many as a bootstrap record lists. */
export const MAX_REPLICAS = 7;
/** The services that a cluster may open. */
export const PROFILES: readonly string[] = ['locks', 'kv', 'all'];
/** Each member has three ports of its own, ten apart from the next one's. */
const PORT_STEP = 10;
const AGENT_PORT = 3;
/** The dashboard's: of a cluster with a base port of its own, behind the agent's page of metrics. */
const DASHBOARD_PORT = 4_400;
const DASHBOARD_OFFSET = 4;

/** The cluster that the flags describe. Throws SupervisorError naming the flag that is wrong. */
export function planCluster(request: UpRequest): ClusterState {
  const profile = checkProfile(request.profile ?? DEFAULTS.profile);
  const replicas = request.replicas ?? DEFAULTS.replicas;
  const basePort = request.basePort ?? DEFAULTS.basePort;
  const last = basePort + PORT_STEP * (replicas - 1) + 2;
  if (last > 65_535) {
    throw new SupervisorError(
      `--base-port: ${basePort} leaves no room for ${replicas} replicas, they would need ports up to ${last}`,
    );
  }
  return {
    kind: 'aegis-cluster',
    version: 1,
    clusterId: randomUUID(),
    profile,
    basePort,
    insecure: request.insecure ?? DEFAULTS.insecure,
    supervisor: null,
    members: Array.from({ length: replicas }, (_, index) => planMember(index + 1, basePort)),
  };
}

/** Where the agent's page of metrics is: behind the ports of the first member, which needs three of its ten. */
export function agentMetricsAddress({ basePort }: Pick<ClusterState, 'basePort'>): string {
  return `127.0.0.1:${basePort + AGENT_PORT}`;
}

/** Where the dashboard is, unless somebody says otherwise. */
export function dashboardPort({ basePort }: Pick<ClusterState, 'basePort'>): number {
  return basePort === DEFAULTS.basePort ? DASHBOARD_PORT : basePort + DASHBOARD_OFFSET;
}

/** Where the page of faults is: beside the dashboard, which is the agent's. */
export function chaosPort(state: Pick<ClusterState, 'basePort'>): number {
  return dashboardPort(state) + 1;
}

/** Refuses flags that contradict the cluster that is there. */
export function checkAgainst(state: ClusterState, request: UpRequest, folder: string): void {
  if (request.profile !== undefined) checkProfile(request.profile);
  const pairs: [string, unknown, unknown][] = [
    ['--profile', request.profile, state.profile],
    ['--replicas', request.replicas, state.members.length],
    ['--base-port', request.basePort, state.basePort],
    ['--insecure', request.insecure, state.insecure],
  ];
  for (const [flag, asked, stored] of pairs) {
    if (asked === undefined || asked === stored) continue;
    const is = flag === '--insecure' ? 'it uses TLS' : `it has ${flag} ${String(stored)}`;
    throw new SupervisorError(
      `${flag} contradicts the cluster in ${folder}: ${is}. Leave the flag out, use another --dir, or remove the cluster with: aegis down --volumes`,
    );
  }
}

function checkProfile(profile: string): string {
  if (PROFILES.includes(profile)) return profile;
  throw new SupervisorError(
    `--profile ${JSON.stringify(profile)}: there is no such profile; there are ${PROFILES.join(', ')}`,
  );
}

function planMember(id: number, basePort: number): MemberState {
  const port = basePort + PORT_STEP * (id - 1);
  return {
    id,
    name: `aegis-${id}`,
    clientAddress: `127.0.0.1:${port}`,
    peerAddress: `127.0.0.1:${port + 1}`,
    metricsAddress: `127.0.0.1:${port + 2}`,
    process: null,
  };
}
