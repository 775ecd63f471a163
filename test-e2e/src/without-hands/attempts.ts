/** Tries what it is told to, and prints a line of JSON an attempt. Started with the agent's identity, it imports nothing of the tests. */
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type * as Doors from './doors.js';

export interface Targets {
  /** `doors.js` as an address to import. */
  readonly doors: string;
  /** Where the agent's program finds its packages. */
  readonly agentProgram: string;
  readonly methods: readonly string[];
  readonly clientAddress: string;
  readonly peerAddresses: readonly string[];
  readonly metricsAddresses: readonly string[];
  readonly pids: Readonly<Record<string, number>>;
  readonly faultSockets: readonly string[];
  /** The supervisor's page of faults, without what lets one in. */
  readonly chaosPage: string;
  readonly agentSocket: string;
  /** Bodies for the routes of the supervisor that must not be taken. */
  readonly routes: readonly { readonly what: string; readonly body: object }[];
  readonly secrets: readonly string[];
  readonly writable: readonly string[];
  readonly folders: readonly string[];
  readonly repository: string;
  /** A certificate of an authority of the agent's own making. */
  readonly selfMade: { readonly cert: string; readonly key: string };
}

export interface Attempt {
  readonly what: string;
  readonly refused: boolean;
  readonly how: string;
}

const ANSWER_MS = 10_000;
const targets = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Targets;

function tell(what: string, refused: boolean, how: string): void {
  process.stdout.write(`${JSON.stringify({ what, refused, how: how.split('\n')[0]!.slice(0, 120) })}\n`);
}

/** An attempt is refused when it throws; what it returns was got. */
async function attempt(what: string, work: () => unknown): Promise<void> {
  try {
    await work();
    tell(what, false, 'done');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    tell(what, true, code === undefined ? message : `${code} ${message}`);
  }
}

async function post(what: string, to: object, path: string, method: string, body: object): Promise<void> {
  const { code, said } = await new Promise<{ code: number; said: string }>((resolve, reject) => {
    const asked = request({ ...to, path, method, timeout: ANSWER_MS }, (answer) => {
      let text = '';
      answer.on('data', (piece: Buffer) => (text += piece.toString()));
      answer.on('end', () => resolve({ code: answer.statusCode ?? 0, said: text }));
    });
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  }).catch((error: Error) => ({ code: 599, said: error.message }));
  tell(what, code >= 400, `${code} ${said}`);
}

async function fault(path: string): Promise<void> {
  await attempt(`an order to ${path}`, async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(path, () => socket.write('{"fault":"show"}\n'));
      socket.once('data', () => resolve());
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed without a word')));
    });
  });
}

async function programs(): Promise<void> {
  const { spawnSync } = await import('node:child_process');
  const own = dirname(process.argv[2]!);
  // Whoever is not the owner of a repository says that it is safe; then the modes of its files must hold.
  const config = join(own, 'gitconfig');
  writeFileSync(config, '[safe]\n\tdirectory = *\n[user]\n\tname = ada\n\temail = ada@shop.example\n');
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', GIT_CONFIG_GLOBAL: config };
  const run = (program: string, ...args: string[]): void => {
    const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`status ${status}: ${stderr}`);
  };
  const git = (...args: string[]): void => run('git', '--git-dir', targets.repository, ...args);
  await attempt('git makes the branch hand', () => git('update-ref', 'refs/heads/hand', 'refs/heads/main'));
  await attempt('git removes main', () => git('update-ref', '-d', 'refs/heads/main'));
  const commit = (): void => {
    run('git', 'init', '--quiet', join(own, 'clone'));
    run('git', '-C', join(own, 'clone'), 'commit', '--quiet', '--allow-empty', '--message', 'By the agent');
  };
  for (const branch of ['main', 'hand', 'aegis/tuning/by-hand'])
    await attempt(`git push to ${branch}`, () => {
      commit();
      run(
        'git',
        '-C',
        join(own, 'clone'),
        'push',
        '--force',
        targets.repository,
        `HEAD:refs/heads/${branch}`,
      );
    });
  for (const [who, pid] of Object.entries(targets.pids))
    await attempt(`kill -CONT ${who} by a program`, () => run('/bin/kill', '-CONT', `${pid}`));
}

const { callAll, greet } = (await import(targets.doors)) as typeof Doors;
const { agentProgram, clientAddress, methods, selfMade } = targets;
for (const { what, refused, how } of await callAll(agentProgram, clientAddress, methods, selfMade))
  tell(what, refused, how);
for (const address of targets.peerAddresses)
  for (const { what, refused, how } of await greet(address)) tell(what, refused, how);
for (const address of targets.metricsAddresses) {
  const at = address.lastIndexOf(':');
  const to = { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    await post(`${method} ${address}/metrics`, to, '/metrics', method, {});
}
for (const { what, body } of targets.routes)
  await post(
    `/v1/${what} ${JSON.stringify(body).slice(0, 60)}`,
    { socketPath: targets.agentSocket },
    `/v1/${what}`,
    'POST',
    body,
  );
for (const path of targets.faultSockets) await fault(path);
const { hostname, port } = new URL(targets.chaosPage);
for (const authorization of ['', 'Bearer ', `Bearer ${'A'.repeat(32)}`])
  for (const [method, path] of [
    ['GET', '/api/run'],
    ['POST', '/api/run'],
    ['POST', '/api/stop'],
  ] as const)
    await post(
      `${method} ${path} of faults, with ${JSON.stringify(authorization)}`,
      { host: hostname, port, headers: { authorization } },
      path,
      method,
      { trace: 'leader-killed' },
    );
for (const [who, pid] of Object.entries(targets.pids)) {
  for (const signal of ['SIGCONT', 'SIGTERM'] as const)
    await attempt(`${signal} to ${who}`, () => process.kill(pid, signal));
  await attempt(`the debugger of ${who}`, () => {
    (process as unknown as { _debugProcess(pid: number): void })._debugProcess(pid);
  });
  await attempt(`the environment of ${who}`, () => readFileSync(`/proc/${pid}/environ`));
}
for (const path of targets.secrets) await attempt(`read ${path}`, () => readFileSync(path));
for (const path of targets.writable)
  await attempt(`write ${path}`, () => writeFileSync(path, '', { flag: 'a' }));
for (const path of targets.folders) {
  await attempt(`make a file in ${path}`, () => writeFileSync(`${path}/of-the-agent`, ''));
}
await programs();
process.exit(0);
