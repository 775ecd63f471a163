import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connect, type Client } from '../../client.js';
import { Cluster } from '../../cluster/cluster.js';
import { folderTls } from '../../command/context.js';
import { channelCredentials, type TlsOptions } from '../../stream/credentials.js';
import { ClusterFolder } from '../../supervisor/cluster-folder.js';
import { raise, untilReady } from '../../supervisor/raise.js';
import type { Trace } from '../trace/trace.js';

const ANSWER_MS = 2_000;

/** A cluster made for a trace alone. */
export interface OwnCluster {
  readonly folder: ClusterFolder;
  readonly endpoints: readonly string[];
  readonly tls: TlsOptions | undefined;
  /** A client of it, which whoever asks for it closes. */
  connect(): Client;
  /** Stops it; its folder is gone then. */
  close(): Promise<void>;
}

/** Starts as many replicas as the trace wants, with its settings, in a temporary folder. */
export async function startOwnCluster(
  { replicas, settings }: Pick<Trace, 'replicas' | 'settings'>,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<OwnCluster> {
  const path = mkdtempSync(join(tmpdir(), 'aegis-chaos-'));
  const settingsPath = join(path, 'settings.yaml');
  const head = { apiVersion: 'aegis.dev/v1alpha1', kind: 'AegisCluster', metadata: { name: 'chaos' } };
  writeFileSync(settingsPath, stringify({ ...head, spec: { consensus: settings } }));
  const folder = new ClusterFolder(join(path, 'cluster'));
  try {
    const request = { replicas, basePort: await freeBasePort(replicas) };
    const options = { restart: true, allowFaults: true, settings: settingsPath };
    const raised = await raise(folder, request, options, onLine);
    const close = async (): Promise<void> => {
      await raised.stop();
      rmSync(path, { recursive: true, force: true });
    };
    const tls = folderTls(folder, raised.state, 'admin');
    const endpoints = raised.state.members.map(({ clientAddress }) => clientAddress);
    const cluster = new Cluster(() => endpoints, channelCredentials(tls), ANSWER_MS);
    try {
      await untilReady(raised.supervisor, cluster, signal);
    } catch (error) {
      await close();
      throw error;
    } finally {
      cluster.close();
    }
    const connected = (): Client => connect({ endpoints, ...(tls === undefined ? {} : { tls }) });
    return { folder, endpoints, tls, connect: connected, close };
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/** Below where systems draw the ports of outgoing connections from. */
const LOWEST = 14_000;
const HIGHEST = 30_000;

async function freeBasePort(replicas: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const base = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - 10 * replicas));
    const ports = Array.from({ length: replicas }, (_, at) =>
      [0, 1, 2].map((n) => base + 10 * at + n),
    ).flat();
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return base;
  }
  throw new Error('no free ports in a row on the loopback address');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
