import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { connect, type Client } from '../client.js';
import { holderFolder, readTls } from '../certificates/store.js';
import type { KnownMember } from '../status/collect.js';
import type { TlsOptions } from '../stream/credentials.js';
import { ClusterFolder, DEFAULT_FOLDER, type ClusterState } from '../supervisor/cluster-folder.js';
import { knownMembers } from '../supervisor/known-members.js';
import { UsageError } from './exit.js';
import { noCluster, withNextStep } from './next-step.js';
import { parseDuration, parseEndpoints } from './parse.js';

/** Flags that every command takes. */
export interface GlobalFlags {
  readonly endpoints?: string;
  readonly dir?: string;
  readonly tls?: string;
  readonly timeout?: string;
  readonly json?: boolean;
}

/** How a command reaches its cluster: what the flags, the environment and the nearest folder say, in that order. */
export interface Reach {
  readonly endpoints: readonly string[];
  readonly tls: TlsOptions | undefined;
  readonly timeoutMs: number;
  /** The members of the cluster on this machine; none when endpoints were given by hand. */
  readonly known: readonly KnownMember[];
  /** Of the cluster on this machine. */
  readonly profile?: string;
  readonly folder?: ClusterFolder;
}

export function globalFlags(command: Command): GlobalFlags {
  return command.optsWithGlobals<GlobalFlags>();
}

/** The folder that is meant by `--dir`, AEGIS_DIR, or the nearest one; else the default in the working folder. */
export function chosenFolder(flags: GlobalFlags): ClusterFolder {
  const named = namedFolder(flags);
  if (named !== undefined) return new ClusterFolder(named);
  return ClusterFolder.nearest() ?? new ClusterFolder(DEFAULT_FOLDER);
}

function namedFolder({ dir }: GlobalFlags): string | undefined {
  return dir ?? nonEmpty(process.env['AEGIS_DIR']);
}

/** The folder that is meant, which has to hold a cluster. Throws UsageError. */
export function clusterFolder(flags: GlobalFlags): ClusterFolder {
  const folder = chosenFolder(flags);
  if (folder.read() === undefined) throw noCluster(folder, namedFolder(flags) !== undefined);
  return folder;
}

/** @param role whose certificate of the cluster's folder is used: everyday work needs no admin's */
export function reach(flags: GlobalFlags, role: 'client' | 'admin' = 'client'): Reach {
  const timeoutMs = parseDuration('--timeout', flags.timeout ?? '10s');
  const listed = flags.endpoints ?? nonEmpty(process.env['AEGIS_ENDPOINTS']);
  const flag = flags.endpoints === undefined ? 'AEGIS_ENDPOINTS' : '--endpoints';
  const folder = chosenFolder(flags);
  const state = folder.read();
  if (listed !== undefined) {
    const endpoints = parseEndpoints(flag, listed);
    const own = state !== undefined && (flags.dir !== undefined || ownEndpoints(state, endpoints));
    return { endpoints, tls: chosenTls(flags, own ? folder : undefined, state, role), timeoutMs, known: [] };
  }
  if (state === undefined) throw noCluster(folder, namedFolder(flags) !== undefined);
  const known = knownMembers(state);
  const endpoints = state.members.map(({ clientAddress }) => clientAddress);
  const { profile } = state;
  return { endpoints, tls: chosenTls(flags, folder, state, role), timeoutMs, known, profile, folder };
}

export function clientOf({ endpoints, tls, timeoutMs }: Reach, ttlMs: number = 10_000): Client {
  return connect({ endpoints, requestTimeoutMs: timeoutMs, ttlMs, ...(tls === undefined ? {} : { tls }) });
}

/** Runs `work` with a client that is closed afterwards, whatever happens. Errors of reaching the cluster say what to do. */
export async function withClient<T>(
  flags: GlobalFlags,
  work: (client: Client, reach: Reach) => Promise<T>,
  role: 'client' | 'admin' = 'client',
): Promise<T> {
  const found = reach(flags, role);
  const client = clientOf(found);
  try {
    return await work(client, found);
  } catch (error) {
    throw withNextStep(error, found);
  } finally {
    await client.close();
  }
}

/** The certificates that a client of the cluster in this folder uses. */
export function folderTls(folder: ClusterFolder, state: ClusterState, role: string): TlsOptions | undefined {
  return state.insecure ? undefined : readTls(holderFolder(folder.tlsPath, role));
}

function chosenTls(
  flags: GlobalFlags,
  folder: ClusterFolder | undefined,
  state: ClusterState | undefined,
  role: string,
): TlsOptions | undefined {
  if (flags.tls !== undefined) {
    if (!existsSync(flags.tls)) throw new UsageError(`--tls: there is no folder ${flags.tls}`);
    try {
      return readTls(flags.tls);
    } catch (error) {
      throw new UsageError(
        `--tls: ${flags.tls} must hold ca.crt, tls.crt and tls.key: ${(error as Error).message}`,
      );
    }
  }
  return folder === undefined || state === undefined ? undefined : folderTls(folder, state, role);
}

function ownEndpoints(state: ClusterState, endpoints: readonly string[]): boolean {
  const own = new Set(
    state.members.map(({ clientAddress }) => clientAddress.replace('127.0.0.1:', 'localhost:')),
  );
  return endpoints.every((endpoint) => own.has(endpoint.replace('127.0.0.1:', 'localhost:')));
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
