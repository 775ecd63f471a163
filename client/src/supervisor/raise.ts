import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificates } from '../certificates/store.js';
import { collectStatus, type ClusterStatus } from '../status/collect.js';
import type { Cluster } from '../cluster/cluster.js';
import { checkLeftovers, claimFolder } from './claim-folder.js';
import type { ClusterFolder, ClusterState } from './cluster-folder.js';
import { SupervisorError } from './errors.js';
import { checkAgainst, planCluster, type UpRequest } from './plan.js';
import { knownMembers } from './known-members.js';
import { checkPorts } from './ports.js';
import { identify } from './process-identity.js';
import { bootstrap } from './replica-binary.js';
import { Supervisor, type SuperviseOptions } from './supervisor.js';

/** How long a cluster may take to have a leader, and how long the last members may then take, in milliseconds. */
const LEADER_MS_MAX = 60_000;
const STRAGGLER_MS = 10_000;
const POLL_MS = 150;

/** The cluster that is to run in this folder: the one that is there, or a new one. Nothing is written. */
export function judge(folder: ClusterFolder, request: UpRequest): ClusterState {
  const stored = folder.read();
  if (stored === undefined) {
    const planned = planCluster(request);
    folder.refuseStrangers();
    return planned;
  }
  if (stored.backup?.complete === false) {
    throw new SupervisorError(
      `a restore into ${folder.path} was interrupted: repeat it with aegis restore FILE --dir ${folder.path}, or remove it with aegis down --volumes`,
    );
  }
  checkAgainst(stored, request, folder.path);
  return stored;
}

/** A cluster that runs, and how to end its supervision. */
export interface Raised {
  readonly supervisor: Supervisor;
  readonly state: ClusterState;
  stop(): Promise<void>;
}

/** Makes this process the supervisor of a folder's cluster and starts its members. */
export async function raise(
  folder: ClusterFolder,
  request: UpRequest,
  options: SuperviseOptions,
  onLine: (line: string) => void,
): Promise<Raised> {
  judge(folder, request);
  const giveUp = claimFolder(folder);
  try {
    const state = { ...judge(folder, request), supervisor: identify(process.pid) ?? null };
    checkLeftovers(folder, state);
    await checkPorts(state);
    folder.write(state);
    if (!state.insecure) {
      const names = state.members.map(({ name }) => name);
      await makeCertificates(folder.tlsPath, state.clusterId, names);
    }
    await bootstrap(folder, state);
    if (typeof options.settings === 'object') options.settings.prepare(state);
    const supervisor = new Supervisor(folder, state, options, onLine);
    supervisor.start();
    const stop = async (): Promise<void> => {
      await supervisor.stop();
      giveUp();
    };
    return { supervisor, state, stop };
  } catch (error) {
    giveUp();
    folder.removeIfEmpty();
    throw error;
  }
}

/** Waits until the cluster has a leader and, for a while longer, until every member follows it. */
export async function untilReady(
  supervisor: Supervisor,
  cluster: Cluster,
  stopped: AbortSignal,
): Promise<ClusterStatus> {
  const beganMs = performance.now();
  while (!stopped.aborted) {
    const status = await collectStatus(cluster, knownMembers(supervisor.current));
    const tookMs = performance.now() - beganMs;
    const complete = status.members.every(({ healthy }) => healthy);
    if (status.leader !== null && (complete || tookMs > STRAGGLER_MS)) return status;
    if (supervisor.hopeless)
      throw new SupervisorError('too many replicas ended for good; see the lines above and the logs');
    if (tookMs > LEADER_MS_MAX) {
      throw new SupervisorError(`no leader within ${LEADER_MS_MAX / 1_000} s; the replicas' logs say why`);
    }
    await sleep(POLL_MS);
  }
  throw new SupervisorError('interrupted before the cluster had a leader');
}
