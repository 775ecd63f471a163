import { execFile } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ClusterFolder, ClusterState, MemberState } from './cluster-folder.js';
import { writeSynced } from './cluster-folder.js';
import { SupervisorError } from './errors.js';
import { existsSync } from 'node:fs';
import type { MemberSettings, SuperviseOptions } from './supervisor.js';

/** The replica's program, beside the package that declares it. */
export function replicaProgram(): string {
  const manifest = fileURLToPath(import.meta.resolve('@aegis/replica/package.json'));
  return join(dirname(manifest), 'dist', 'server', 'main.js');
}

/**
 * Has every member prepare its folder, then writes the record of the first members, once and for all. Both steps are
 * skipped when the record is there; a crash between them is mended by the next call.
 */
export async function bootstrap(folder: ClusterFolder, state: ClusterState): Promise<void> {
  if (existsSync(folder.bootstrapPath)) return;
  const members = await Promise.all(
    state.members.map(async ({ id, name, peerAddress, clientAddress, metricsAddress }) => {
      const nonce = await prepare(folder.dataPath(name));
      return { id, nonce, name, peerAddress, clientAddress, metricsAddress };
    }),
  );
  const { clusterId, backup } = state;
  const record = { clusterId, members, ...(backup === undefined ? {} : { backup: backup.digest }) };
  writeSynced(folder.bootstrapPath, `${JSON.stringify(record, null, 2)}\n`, 'wx');
}

/** The arguments with which a member is started. */
export function startArguments(
  folder: ClusterFolder,
  state: ClusterState,
  member: MemberState,
  { allowFaults, settings }: Pick<SuperviseOptions, 'allowFaults' | 'settings'>,
): string[] {
  return [
    replicaProgram(),
    'start',
    ...['--data', folder.dataPath(member.name)],
    ...['--bootstrap', folder.bootstrapPath],
    ...['--profile', state.profile],
    // Where it says so if its folder is new.
    ...['--metrics', member.metricsAddress],
    ...(state.insecure ? ['--insecure'] : ['--tls', join(folder.tlsPath, member.name)]),
    ...(settings === undefined ? [] : ['--settings', settingsPath(settings, member.name)]),
    ...(allowFaults ? ['--allow-faults'] : []),
  ];
}

function settingsPath(settings: string | MemberSettings, member: string): string {
  return resolve(typeof settings === 'string' ? settings : settings.path(member));
}

/** What a member holds after a restore. */
export interface RestoredMember {
  readonly memberId: number;
  readonly clusterId: string;
  /** The digest of the backup. */
  readonly backup: string;
  readonly index: number;
  readonly term: number;
  readonly stateHash: string;
  readonly revision: number;
  readonly newestToken: number;
  readonly keys: number;
}

/** Fills a member's prepared folder from a backup, by a process that is killed if the signal says so. */
export async function restoreMember(
  folder: ClusterFolder,
  member: string,
  backup: string,
  signal: AbortSignal,
): Promise<RestoredMember> {
  const data = folder.dataPath(member);
  const flags = ['--data', data, '--bootstrap', folder.bootstrapPath, '--backup', resolve(backup)];
  return JSON.parse(await runReplica(`restore ${member}`, ['restore', ...flags], signal)) as RestoredMember;
}

async function prepare(data: string): Promise<string> {
  const printed = await runReplica(`prepare the data folder ${data}`, ['prepare', '--data', data]);
  return (JSON.parse(printed) as { nonce: string }).nonce;
}

/** What a run of the program prints that ends by itself. `what` it is to do is named when it cannot. */
async function runReplica(what: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const options = { killSignal: 'SIGKILL' as const, ...(signal === undefined ? {} : { signal }) };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [replicaProgram(), ...args], options);
    return stdout;
  } catch (error) {
    signal?.throwIfAborted();
    const { stderr, message } = error as Error & { stderr?: string };
    const reason = stderr === undefined || stderr.trim() === '' ? message : stderr.trim();
    throw new SupervisorError(`cannot ${what}: ${reason}`, { cause: error });
  }
}
