import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { ClusterState } from './cluster-folder.js';
import { SupervisorError } from './errors.js';

/** Refuses to start a cluster whose ports are taken, naming the port and the flag that moves it. */
export async function checkPorts(state: ClusterState): Promise<void> {
  for (const member of state.members) {
    for (const address of [member.clientAddress, member.peerAddress, member.metricsAddress]) {
      const code = await tryListening(address);
      if (code === undefined) continue;
      const port = address.slice(address.lastIndexOf(':') + 1);
      const why = code === 'EADDRINUSE' ? 'is in use by another process' : `cannot be opened (${code})`;
      throw new SupervisorError(
        `port ${port}, which ${member.name} needs, ${why}. Choose others with --base-port for a new cluster in another --dir, or stop that process`,
      );
    }
  }
}

const FREED_WITHIN_MS = 2_000;
const AGAIN_MS = 100;

/** Whether a port of this machine's own address can be opened, now or as soon as a process that was just ended is gone. */
export async function isFree(port: number): Promise<boolean> {
  for (let waitedMs = 0; ; waitedMs += AGAIN_MS) {
    if ((await tryListening(`127.0.0.1:${port}`)) === undefined) return true;
    if (waitedMs >= FREED_WITHIN_MS) return false;
    await wait(AGAIN_MS);
  }
}

/** Undefined when it works, else the system's error code. */
function tryListening(address: string): Promise<string | undefined> {
  const at = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(Number(address.slice(at + 1)), address.slice(0, at), () =>
      server.close(() => resolve(undefined)),
    );
  });
}
