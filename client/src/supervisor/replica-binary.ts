import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ClusterFolder, ClusterState, MemberState } from './cluster-folder.js';
import { writeSynced } from './cluster-folder.js';
import { SupervisorError } from './errors.js';
import { existsSync } from 'node:fs';

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
  const record = { clusterId: state.clusterId, members };
  writeSynced(folder.bootstrapPath, `${JSON.stringify(record, null, 2)}\n`, 'wx');
}

/** The arguments with which a member is started. */
export function startArguments(
  folder: ClusterFolder,
  state: ClusterState,
  member: MemberState,
  allowFaults: boolean,
): string[] {
  return [
    replicaProgram(),
    'start',
    ...['--data', folder.dataPath(member.name)],
    ...['--bootstrap', folder.bootstrapPath],
    ...['--profile', state.profile],
    ...(state.insecure ? ['--insecure'] : ['--tls', join(folder.tlsPath, member.name)]),
    ...(allowFaults ? ['--allow-faults'] : []),
  ];
}

async function prepare(data: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      replicaProgram(),
      'prepare',
      '--data',
      data,
    ]);
    return (JSON.parse(stdout) as { nonce: string }).nonce;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const reason = stderr === undefined || stderr.trim() === '' ? message : stderr.trim();
    throw new SupervisorError(`cannot prepare the data folder ${data}: ${reason}`, { cause: error });
  }
}
