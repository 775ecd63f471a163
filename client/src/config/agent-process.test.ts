import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterFolder } from '../supervisor/cluster-folder.js';
import { planAgent, type AgentPlan } from './agent-process.js';

/** A real process, under the very flags of the agent. */
jest.setTimeout(60_000);

let parent: string;
let folder: ClusterFolder;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'aegis-plan-'));
  folder = new ClusterFolder(join(parent, '.aegis'));
  for (const path of [folder.agentPath, join(folder.tlsPath, 'admin'), folder.dataPath('aegis-1')])
    mkdirSync(path, { recursive: true });
  writeFileSync(join(folder.tlsPath, 'admin', 'tls.key'), 'secret');
});
afterEach(() => rmSync(parent, { recursive: true }));

const planned = () => planAgent(folder) as AgentPlan;

/** What the agent's process is told when it tries this: "done", or the error. */
function attempt(code: string): string {
  const plan = planned();
  const at = plan.arguments.findIndex((argument) => argument.endsWith('main.js'));
  const program = join(folder.agentPath, 'attempt.mjs');
  writeFileSync(
    program,
    `try { ${code}; console.log('done'); } catch (error) { console.log(String(error.code) + ' ' + error.message); }`,
  );
  return execFileSync(process.execPath, [...plan.arguments.slice(0, at), program], { encoding: 'utf8' });
}

const IMPORT_FS = `const fs = await import('node:fs')`;

describe('the process of the agent', () => {
  test('may read and write its own folder', () => {
    const own = JSON.stringify(join(folder.agentPath, 'x'));
    expect(attempt(`${IMPORT_FS}; fs.writeFileSync(${own}, '1'); fs.readFileSync(${own})`)).toBe('done\n');
  });

  test.each([
    ['read a key', () => `fs.readFileSync(${JSON.stringify(join(folder.tlsPath, 'admin', 'tls.key'))})`],
    ['list the data', () => `fs.readdirSync(${JSON.stringify(folder.dataPath('aegis-1'))})`],
    ['write the settings', () => `fs.writeFileSync(${JSON.stringify(join(folder.path, 'x.yaml'))}, '1')`],
    ['write its program', () => `fs.writeFileSync(${JSON.stringify(planned().arguments.at(-4))}, '')`],
    ['read accounts', () => `fs.readFileSync('/etc/passwd')`],
  ])('may not %s', (_, code) => {
    expect(attempt(`${IMPORT_FS}; ${code()}`)).toMatch(/^ERR_ACCESS_DENIED/);
  });

  test.each([
    ['start a program', `const { spawnSync } = await import('node:child_process'); spawnSync('true')`],
    [
      'start a thread',
      `const { Worker } = await import('node:worker_threads'); new Worker('1', { eval: true })`,
    ],
  ])('may not %s', (_, code) => {
    expect(attempt(code)).toMatch(/^ERR_ACCESS_DENIED/);
  });

  test.each([
    'kill(1, 0)',
    '_kill(1, 0)',
    '_debugProcess(1)',
    `binding('fs')`,
    `dlopen({ exports: {} }, '/x')`,
  ])('has no process.%s', (call) => {
    expect(attempt(`process.${call}`)).toContain('eyes, and no hands');
  });

  test('cannot get a signal back', () => {
    const tricks = [
      `const { createRequire } = await import('node:module')`,
      `createRequire('/')('node:process').kill(1, 0)`,
    ];
    expect(attempt(tricks.join(';'))).toContain('eyes, and no hands');
    expect(attempt(`delete process.kill; process.kill(1, 0)`)).not.toContain('done');
    expect(attempt(`Object.getPrototypeOf(process).kill(1, 0)`)).not.toContain('done');
  });
});
