import { resolveSettings } from '@aegis/replica/settings';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentServer } from './agent-server.js';
import { firstDocument, type Owner } from './document.js';
import { git } from './git.js';
import { GuardedRepository } from './guarded-repository.js';
import { GitRepository, type BranchChange } from './repository.js';
import type { Standing, VerifyInput } from './standing.js';
import { SupervisorSocket } from './supervisor-socket.js';

/** Real git underneath: a busy machine may take its time. */
jest.setTimeout(120_000);

const OWNER: Owner = { namespace: 'local', cluster: 'aegis', profile: 'all', replicas: 5 };
const PATH = 'cluster.yaml';
const BRANCH = 'aegis/tuning/7c4f-local-aegis-timing';
const PAGE = 'proposals/7c4f-local-aegis-timing.md';
const DEFAULTS = resolveSettings('all');
const FIRST = firstDocument(OWNER);
const tuned = (settings: string): string => FIRST.replace('consensus: {}', `consensus: { ${settings} }`);

let folder: string;
let people: GitRepository;
let server: AgentServer;
let agent: SupervisorSocket;
let main: string;
let asked: VerifyInput[];
let clockMs: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-socket-'));
  const dir = join(folder, 'config.git');
  await git(dir, ['init', '--bare', '--quiet', '--initial-branch', 'main', dir]);
  people = new GitRepository({ dir, base: 'main', author: { name: 'ada', email: 'ada@shop.example' } });
  const begin = { branch: 'main', parent: undefined, from: undefined, message: 'Begin' };
  main = await people.write({ ...begin, files: { [PATH]: FIRST } });
  const options = {
    base: 'main',
    path: PATH,
    owner: OWNER,
    running: () => DEFAULTS,
    lastHealthy: () => undefined,
  };
  asked = [];
  clockMs = 0;
  server = new AgentServer({
    repository: new GuardedRepository(new GitRepository({ dir, base: 'main' }), options),
    standing: () => ({ clusterId: '7c4f', settings: DEFAULTS }) as Standing,
    verify: async (input) => {
      asked.push(input);
      return { state: 'running' };
    },
    clock: () => clockMs,
  });
  await server.listen(join(folder, 'agent.sock'));
  agent = new SupervisorSocket(join(folder, 'agent.sock'));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const proposal = (more: Partial<BranchChange> = {}): BranchChange => ({
  branch: BRANCH,
  parent: main,
  from: undefined,
  files: { [PATH]: tuned('electionTimeoutMs: 1200'), [PAGE]: '# Why\n' },
  message: 'Tune timing',
  ...more,
});
const refs = async () => (await git(join(folder, 'config.git'), ['for-each-ref'])) ?? '';

describe('what the agent may', () => {
  test('publish a proposal on a branch of its own, see it merged, and take one back', async () => {
    const head = await agent.write(proposal());
    expect(await agent.head(BRANCH)).toBe(head);
    expect(await agent.parent(head)).toBe(main);
    expect(await agent.file(head, PATH)).toContain('electionTimeoutMs: 1200');
    expect(await agent.file(head, 'nothing.yaml')).toBeUndefined();
    expect(await agent.message(head)).toContain('Tune timing');
    expect(await agent.conflicts(head)).toBe(false);
    expect(await agent.merged(head)).toBeUndefined();
    await git(join(folder, 'config.git'), ['update-ref', 'refs/heads/main', head]);
    expect(await agent.merged(head)).toMatchObject({ commit: head });
    await agent.remove(BRANCH, head);
    expect(await agent.head(BRANCH)).toBeUndefined();
  });

  test('keep its postmortems, one file at a time', async () => {
    const branch = 'aegis/tuning/postmortems';
    const files = { 'postmortems/7c4f-a1.md': '# What\n' };
    const first = await agent.write({ branch, parent: undefined, from: undefined, files, message: 'One' });
    const more = { 'postmortems/7c4f-a2.md': '# What\n' };
    await agent.write({ branch, parent: first, from: first, files: more, message: 'Two' });
    await expect(agent.remove(branch, first)).rejects.toMatchObject({ code: 'Refused' });
  });

  test('ask how the cluster stands, and have a patch verified', async () => {
    expect(await agent.standing()).toMatchObject({ clusterId: '7c4f', settings: DEFAULTS });
    const input: VerifyInput = { incident: 'i-1', question: '{}' };
    expect(await agent.verify(input)).toEqual({ state: 'running' });
    expect(asked).toEqual([input]);
    const bad = { ...input, incident: '../../etc' };
    await expect(agent.verify(bad)).rejects.toMatchObject({ code: 'InvalidRequest' });
    const long = { ...input, question: 'x'.repeat(900 * 1024 + 1) };
    await expect(agent.verify(long)).rejects.toMatchObject({ code: 'TooLarge' });
    expect(asked).toHaveLength(1);
  });
});

describe('what it may not', () => {
  test.each([
    'main',
    'aegis/tuning',
    'aegis/tuning/',
    'aegis/tuning/../main',
    'aegis/tuning/a/b',
    'aegis/tuning/A',
    'refs/heads/main',
    'refs/heads/aegis/tuning/x',
    'aegis/tuning/x.lock',
    `aegis/tuning/${'x'.repeat(300)}`,
    '--force',
  ])('write or delete %s', async (branch) => {
    const before = await refs();
    const forbidden = { code: 'BranchForbidden', message: expect.stringContaining('aegis/tuning/') };
    await expect(agent.write(proposal({ branch }))).rejects.toMatchObject(forbidden);
    await expect(agent.remove(branch, main)).rejects.toMatchObject(forbidden);
    expect(await refs()).toBe(before);
  });

  const page = { [PAGE]: '# Why\n' };
  test.each([
    ['an unsafe setting', { [PATH]: tuned('electionTimeoutMs: 100'), ...page }, /UnsafeSettings.*rule/],
    ['no settings', { [PATH]: 'a: [\n', ...page }, /InvalidDocument/],
    [
      'settings of another cluster',
      { [PATH]: FIRST.replace('aegis\n', 'other\n'), ...page },
      /InvalidDocument/,
    ],
    ['another profile', { [PATH]: FIRST.replace('profile: all', 'profile: kv'), ...page }, /spec.consensus/],
    ['a file more', { [PATH]: tuned(''), '.gitattributes': 'x' }, /two files/],
    ['a page alone', page, /two files/],
  ])('propose %s', async (_, files, message) => {
    const before = await refs();
    await expect(agent.write(proposal({ files }))).rejects.toMatchObject({
      code: 'Refused',
      message: expect.stringMatching(message),
    });
    expect(await refs()).toBe(before);
  });

  test('propose on an older main, or over what somebody else pushed', async () => {
    const begin = { branch: 'main', parent: main, from: main, message: 'By hand' };
    const newer = await people.write({ ...begin, files: { 'other.txt': 'x' } });
    await expect(agent.write(proposal())).rejects.toMatchObject({ code: 'HeadMoved' });
    await agent.write(proposal({ parent: newer }));
    await expect(agent.write(proposal({ parent: newer }))).rejects.toMatchObject({ code: 'HeadMoved' });
  });

  test.each([
    ['a path that leads elsewhere', () => agent.file(main, '../etc/passwd')],
    ['a path with a colon', () => agent.file(main, 'a:b')],
    ['a revision that is no name of a commit', () => agent.file('HEAD', PATH)],
    ['an option', () => agent.parent('--all')],
  ])('ask for %s', async (_, ask) => {
    await expect(ask()).rejects.toMatchObject({ code: 'InvalidRequest' });
  });

  test('send too much, or too often', async () => {
    const files = { [PATH]: 'x'.repeat(2 ** 21), ...page };
    await expect(agent.write(proposal({ files }))).rejects.toMatchObject({
      code: expect.stringMatching(/TooLarge|Unreachable/),
    });
    for (let i = 0; i < 240; i++) await agent.remove('main', main).catch(() => undefined);
    await expect(agent.write(proposal())).rejects.toMatchObject({ code: 'TooMany' });
    clockMs = 3_600_001;
    await agent.write(proposal());
  });

  test.each(['/v1/merge', '/v1/apply', '/v1/restart', '/v1/chaos', '/', '/v1/../standing'])(
    'reach %s: there is no such route',
    async (path) => {
      const status = await new Promise((resolve, reject) => {
        const call = request({ socketPath: join(folder, 'agent.sock'), path, method: 'POST' });
        call.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject);
        call.end('{}');
      });
      expect(status).toBe(404);
    },
  );

  test('connect as another user', () => {
    expect(statSync(join(folder, 'agent.sock')).mode & 0o777).toBe(0o600);
  });
});
