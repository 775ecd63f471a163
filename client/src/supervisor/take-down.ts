import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterFolder } from './cluster-folder.js';
import { SupervisorError } from './errors.js';
import { alive, signal, type ProcessIdentity } from './process-identity.js';

/** The supervisor gives its replicas 10 s; then it is its own turn. Milliseconds. */
const SUPERVISOR_PATIENCE_MS = 13_000;
const REPLICA_PATIENCE_MS = 10_000;
const POLL_MS = 50;

/**
 * Stops the cluster of a folder: its supervisor, which stops the replicas, and replicas without one. Every process is
 * first checked to be the one that was noted. Returns what was done, for people.
 */
export async function takeDown(folder: ClusterFolder): Promise<string[]> {
  const state = folder.read();
  if (state === undefined)
    throw new SupervisorError(`there is no cluster in ${folder.path}: name the folder of one with --dir`);
  const done: string[] = [];
  const { supervisor } = state;
  if (supervisor !== null && alive(supervisor)) {
    signal(supervisor, 'SIGTERM');
    if (await gone([supervisor], SUPERVISOR_PATIENCE_MS)) {
      done.push(`stopped the supervisor (pid ${supervisor.pid})`);
    } else {
      signal(supervisor, 'SIGKILL');
      done.push(`killed the supervisor (pid ${supervisor.pid}), which did not stop`);
      await gone([supervisor], 1_000);
    }
  }
  const { agent } = folder.read() ?? state;
  if (agent !== undefined && agent !== null && signal(agent, 'SIGKILL')) {
    done.push(`killed the agent (pid ${agent.pid}), which had no supervisor`);
    await gone([agent], 1_000);
  }
  // Read again: the supervisor may have started others meanwhile.
  const left = (folder.read() ?? state).members.filter(({ process }) => process !== null && alive(process));
  for (const { process } of left) {
    signal(process!, 'SIGTERM');
    signal(process!, 'SIGCONT');
  }
  await gone(
    left.map(({ process }) => process!),
    REPLICA_PATIENCE_MS,
  );
  for (const { name, process } of left) {
    const killed = signal(process!, 'SIGKILL');
    done.push(`${killed ? 'killed' : 'stopped'} ${name} (pid ${process!.pid}), which had no supervisor`);
  }
  await gone(
    left.map(({ process }) => process!),
    1_000,
  );
  return done;
}

/** Waits until none of the processes runs; false: some still do when the time is over. */
async function gone(processes: readonly ProcessIdentity[], withinMs: number): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (processes.some(alive)) {
    if (performance.now() >= endMs) return false;
    await sleep(POLL_MS);
  }
  return true;
}
