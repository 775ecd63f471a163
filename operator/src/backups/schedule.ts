import type { AegisCluster, AegisClusterStatus } from '@aegis/crds';
import { buildBackupCronJob } from '../build/backup.js';
import { namesOf } from '../build/names.js';
import type { Context } from '../context.js';
import { ApiError } from '../kube/errors.js';
import type { Credentials } from '../observe/members-port.js';
import { applyOwned, deleteOwned } from '../reconcile/apply.js';
import { Trouble } from '../reconcile/trouble.js';
import { runsOf, waitingFor, type Run } from './pods.js';
import { keepBackupSecret } from './secret.js';

type LastBackup = NonNullable<AegisClusterStatus['lastBackup']>;

/** A pod of a backup that has not begun by then is kept from it by something. */
const BEGINS_MS = 120_000;
const MESSAGE_CHARACTERS_MAX = 500;

/**
 * Sees to the backups of a cluster: a CronJob that makes them, and what the newest of them came to. Without spec.backup there is none of it.
 * Throws Trouble once the rest is done: the newest run failed, or cannot begin.
 * @param report takes what is known even where a Trouble is thrown
 */
export async function reconcileBackups(
  context: Context,
  cluster: AegisCluster,
  credentials: Credentials | undefined,
  report: { lastBackup?: LastBackup | undefined },
): Promise<void> {
  const { backup } = cluster.spec;
  const { backup: name } = namesOf(cluster.metadata.name);
  if (backup === undefined) {
    await deleteOwned(context, cluster, context.caches.cronJobs, name);
    await deleteOwned(context, cluster, context.caches.secrets, name);
    return;
  }
  if (credentials !== undefined) await keepBackupSecret(context, cluster, credentials);
  await applySchedule(context, cluster, backup);
  const runs = runsOf(context, cluster, 'backup');
  const newest = newestBackup(runs);
  const before = cluster.status?.lastBackup;
  if (newest !== undefined && (before === undefined || newest.time > before.time)) {
    report.lastBackup = newest;
    const message = `saved ${newest.file}, digest ${newest.digest}`;
    await context.record(cluster, { type: 'Normal', reason: 'BackupSaved', message });
  }
  judge(context, cluster, runs, backup.claimName);
}

async function applySchedule(
  context: Context,
  cluster: AegisCluster,
  backup: NonNullable<AegisCluster['spec']['backup']>,
): Promise<void> {
  const wanted = buildBackupCronJob(cluster, backup, context.memberImage);
  try {
    await applyOwned(context, cluster, context.caches.cronJobs, wanted);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 422) throw error;
    const message = `spec.backup cannot be kept: ${error.message}. Mend spec.backup.schedule`;
    throw new Trouble('BackupScheduleInvalid', message);
  }
}

/** What the newest successful run says that it saved. */
function newestBackup(runs: readonly Run[]): LastBackup | undefined {
  const said = runs.filter(({ outcome }) => outcome === 'succeeded').map(({ message }) => backupIn(message));
  return said.filter((each) => each !== undefined).toSorted((a, b) => (a.time < b.time ? 1 : -1))[0];
}

/** A report as `aegis backup into --report` writes it; undefined: it is none. */
export function backupIn(report: string | undefined): LastBackup | undefined {
  let said: Partial<Record<'takenAt' | 'file' | 'digest', unknown>>;
  try {
    said = JSON.parse(report ?? '') as typeof said;
  } catch {
    return undefined;
  }
  const { takenAt, file, digest } = said;
  if (typeof takenAt !== 'string' || Number.isNaN(Date.parse(takenAt))) return undefined;
  if (typeof file !== 'string' || file.length > 512) return undefined;
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) return undefined;
  return { time: `${new Date(takenAt).toISOString().slice(0, 19)}Z`, file, digest };
}

function judge(context: Context, cluster: AegisCluster, runs: readonly Run[], claimName: string): void {
  const [newest] = runs;
  if (newest === undefined) return;
  if (newest.outcome === 'failed') {
    const said = newest.message?.slice(0, MESSAGE_CHARACTERS_MAX) ?? 'it left no message: look at its log';
    throw new Trouble('BackupFailed', `the newest backup (pod ${newest.pod}) has failed: ${said}`);
  }
  const ageMs = context.now().getTime() - newest.madeMs;
  if (newest.outcome !== 'waiting' || ageMs < BEGINS_MS) return;
  const why = waitingFor(context, cluster.metadata.namespace!, newest);
  throw new Trouble(
    'BackupNotStarting',
    `the pod ${newest.pod} of the backup into the claim ${claimName} has not begun for ${Math.round(ageMs / 1000)} s: ${why}`,
  );
}
