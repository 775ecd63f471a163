import type { Said } from '../kubectl.js';
import type { Stage } from '../cases/case.js';

const CONNECT_MS_MAX = 2_000;

/**
 * What `aegis` says in a client's pod, against the cluster that the pod was made for. It waits as long as it does by itself: a name that
 * is asked for anew, because a packet of the first question was lost, takes five seconds.
 */
export function aegisIn(
  { kubectl }: Stage,
  namespace: string,
  pod: string,
  endpoints: string,
  words: readonly string[],
  tls = '/tls',
): Promise<Said> {
  const flags = ['--endpoints', endpoints, '--tls', tls];
  return kubectl.try(['exec', pod, `--namespace=${namespace}`, '--', 'aegis', ...flags, ...words]);
}

/** Whether a pod gets a connection to a port, TCP and no more. */
export async function connects(
  { kubectl, namespace }: Stage,
  pod: string,
  host: string,
  port: number,
): Promise<boolean> {
  const script = `const socket = require('node:net').connect(${port}, '${host}');
    socket.setTimeout(${CONNECT_MS_MAX}, () => process.exit(7));
    socket.once('connect', () => process.exit(0)).once('error', () => process.exit(7));`;
  const { status, stderr } = await kubectl.try([
    'exec',
    pod,
    `--namespace=${namespace}`,
    '--',
    'node',
    '-e',
    script,
  ]);
  if (status !== 0 && status !== 7) throw new Error(`kubectl exec in ${pod}: ${stderr.trim()}`);
  return status === 0;
}
