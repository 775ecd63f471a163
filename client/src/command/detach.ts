import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { ClusterFolder } from '../supervisor/cluster-folder.js';
import { lastLine, openLog } from '../supervisor/log-file.js';
import { CommandFailure, EXIT } from './exit.js';

/** Tells the process in the background that it is the one. */
const MARK = 'AEGIS_DETACHED';

export function isDetached(): boolean {
  return process.env[MARK] === '1' && process.send !== undefined;
}

/** What the process in the background tells the one that started it. */
type Message =
  | { readonly said: string }
  | { readonly ready: string }
  | { readonly failed: string; readonly status: number };

/**
 * Starts this same command in the background; returns what it says when the cluster is ready.
 * @param onLine told what it does until then
 */
export function detach(folder: ClusterFolder, onLine: (line: string) => void): Promise<string> {
  const log = openLog(folder.supervisorLogPath);
  const child = spawn(process.execPath, process.argv.slice(1), {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, [MARK]: '1' },
  });
  closeSync(log);
  return new Promise((resolve, reject) => {
    child.on('message', (message: Message) => {
      if ('said' in message) return onLine(message.said);
      child.disconnect();
      child.unref();
      if ('ready' in message) resolve(message.ready);
      else reject(new CommandFailure(message.status, message.failed));
    });
    child.once('error', reject);
    child.once('exit', (code, by) => {
      const said = lastLine(folder.supervisorLogPath) ?? 'it said nothing';
      const how = by ?? `status ${code}`;
      reject(new CommandFailure(EXIT.failed, `the supervisor in the background ended (${how}): ${said}`));
    });
  });
}

/** Tells the process that started this one what is done. It need not listen any more. */
export function mention(line: string): void {
  if (process.connected) process.send?.({ said: line } satisfies Message);
}

/** Tells the process that started this one how it went; from here on this one is by itself. */
export async function report(message: Message): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, () => resolve());
  });
  if (process.connected) process.disconnect();
}
