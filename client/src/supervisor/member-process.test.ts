import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MemberProcess } from './member-process.js';
import { alive, type ProcessIdentity } from './process-identity.js';

/** Real processes: a busy machine may take its time. */
jest.setTimeout(60_000);

let folder: string;
let member: MemberProcess;
let started: ProcessIdentity[];
let lines: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-member-'));
  started = [];
  lines = [];
});
afterEach(async () => {
  await member.stop(1_000);
  rmSync(folder, { recursive: true });
});

function run(program: string): void {
  const command = { arguments: ['-e', program], logPath: join(folder, 'log'), restart: true };
  member = new MemberProcess({ name: 'one' }, command, {
    onLine: (line) => lines.push(line),
    onProcess: (_, process) => started.push(process),
  });
  member.start();
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(20);
}

test('a restart ends the old process before the new one begins, and is no death', async () => {
  run('setInterval(() => {}, 1000)');
  await member.restart(10_000);
  const [old, fresh] = started;
  expect(alive(old!)).toBe(false);
  expect(alive(fresh!)).toBe(true);
  expect(started).toHaveLength(2);
  expect(lines).toEqual([]);
});

test('after a restart it is still watched over', async () => {
  run('setInterval(() => {}, 1000)');
  await member.restart(10_000);
  process.kill(started[1]!.pid, 'SIGKILL');
  await until(() => started.length === 3);
  expect(lines).toEqual([expect.stringContaining('was killed by SIGKILL, started again')]);
});

test('a restart does not wait for the pause after a death', async () => {
  run('process.exit(70)');
  await until(() => lines.length === 4);
  await member.restart(10_000);
  expect(started.length).toBe(5);
});
