import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Held } from '../lock/held.js';
import { CommandFailure, EXIT } from './exit.js';

/** Signals that are passed on to the command. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/**
 * Runs a command while something is held, with AEGIS_FENCING_TOKEN in its environment, and returns its exit status.
 * When the hold is lost the command is sent SIGTERM and, after the grace, SIGKILL; that fails with CommandFailure.
 * @param graceMs milliseconds; must be over before anyone else can hold the lock
 */
export async function runHeld(held: Held, command: readonly string[], graceMs: number): Promise<number> {
  const [program, ...args] = command;
  if (program === undefined) throw new TypeError('no command to run');
  const env = { ...process.env, AEGIS_FENCING_TOKEN: String(held.token) };
  // Without a terminal the command gets a process group of its own, so that its children are stopped with it.
  // With one it stays in this group, where the terminal's signals reach it by themselves.
  const group = !process.stdin.isTTY;
  const child = spawn(program, args, { stdio: 'inherit', env, detached: group });
  const send = (name: NodeJS.Signals): void => sendTo(child, name, group);
  const forward = (name: NodeJS.Signals): void => {
    if (group || (name !== 'SIGINT' && name !== 'SIGQUIT')) send(name);
  };
  let kill: NodeJS.Timeout | undefined;
  const lost = (): void => {
    send('SIGTERM');
    kill = setTimeout(() => send('SIGKILL'), graceMs);
  };
  for (const name of FORWARDED) process.on(name, forward);
  held.signal.addEventListener('abort', lost, { once: true });
  if (held.signal.aborted) lost();
  try {
    const status = await statusOf(child, program);
    if (held.lost === undefined) return status;
    // The command itself may be gone while its children hold on: none of them may outlive the lock.
    if (group) send('SIGKILL');
    throw new CommandFailure(EXIT.lost, `${held.lost.message}; the command was stopped`);
  } finally {
    clearTimeout(kill);
    held.signal.removeEventListener('abort', lost);
    for (const name of FORWARDED) process.off(name, forward);
  }
}

function sendTo(child: ChildProcess, name: NodeJS.Signals, group: boolean): void {
  if (child.pid === undefined) return;
  try {
    process.kill(group ? -child.pid : child.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** As a shell tells it: 128 + n for signal n, 127 for a command that does not exist. */
function statusOf(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const status = error.code === 'ENOENT' ? 127 : 126;
      reject(new CommandFailure(status, `cannot run ${program}: ${error.message}`));
    });
    child.once('exit', (code, by) => resolve(code ?? 128 + (by === null ? 0 : constants.signals[by])));
  });
}
