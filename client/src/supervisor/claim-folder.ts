import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterFolder, ClusterState } from './cluster-folder.js';
import { SupervisorError } from './errors.js';
import { alive, identify, type ProcessIdentity } from './process-identity.js';

/** Makes this process the only supervisor of a folder. Returns how to give it up. */
export function claimFolder(folder: ClusterFolder): () => void {
  mkdirSync(folder.path, { recursive: true });
  const path = join(folder.path, 'supervisor.lock');
  const self = identify(process.pid) ?? { pid: process.pid, started: '' };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, JSON.stringify(self), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new SupervisorError(`cannot write ${path}: ${(error as Error).message}`, { cause: error });
      }
      const holder = holderOf(path);
      if (holder !== undefined && alive(holder)) throw alreadyRunning(folder, holder);
      rmSync(path, { force: true });
    }
  }
  throw new SupervisorError(`${path}: another aegis up is starting at this moment`);
}

/** Refuses to start beside replicas that a killed supervisor left behind. */
export function checkLeftovers(folder: ClusterFolder, state: ClusterState): void {
  const left = state.members.filter(({ process }) => process !== null && alive(process));
  if (left.length === 0) return;
  const which = left.map(({ name, process }) => `${name} (pid ${process?.pid})`).join(', ');
  throw new SupervisorError(
    `replicas of the cluster in ${folder.path} still run without a supervisor: ${which}. Stop them with: aegis down --dir ${folder.path}`,
  );
}

function alreadyRunning(folder: ClusterFolder, holder: ProcessIdentity): SupervisorError {
  return new SupervisorError(
    `the cluster in ${folder.path} is running (supervisor pid ${holder.pid}). See it with: aegis status; stop it with: aegis down`,
  );
}

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
