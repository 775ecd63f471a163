// Runs as a process of its own: what its parent started is ended and removed when the parent is gone, however it went.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { startedAt, type Order } from './guard-orders.js';

const processes = new Map<number, string | undefined>();
const commands = new Map<string, readonly string[]>();
const folders = new Set<string>();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => take(JSON.parse(line) as Order));
lines.on('close', () => {
  for (const argv of commands.values())
    spawnSync(process.execPath, argv, { timeout: 20_000, stdio: 'ignore' });
  for (const [pid, started] of processes) if (startedAt(pid) === started) kill(pid);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function take(order: Order): void {
  switch (order.order) {
    case 'watch':
      processes.set(order.pid, order.started);
      return;
    case 'forget':
      processes.delete(order.pid);
      return;
    case 'run':
      commands.set(order.key, order.argv);
      return;
    case 'done':
      commands.delete(order.key);
      return;
    case 'remove':
      folders.add(order.folder);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
