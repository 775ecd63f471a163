import type { KnownMember } from '../status/collect.js';
import type { ClusterState } from './cluster-folder.js';
import { alive } from './process-identity.js';

/** The members of a cluster on this machine, with the processes that run now. */
export function knownMembers(state: ClusterState): KnownMember[] {
  return state.members.map(({ id, name, clientAddress, metricsAddress, process }) => ({
    id,
    name,
    clientAddress,
    metricsAddress,
    pid: process !== null && alive(process) ? process.pid : null,
  }));
}
