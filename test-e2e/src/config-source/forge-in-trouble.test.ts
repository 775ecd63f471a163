import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startForge, type Fault, type Forge } from '../forge/index.js';
import { documentOf, PATH, Scene } from './scene.js';

let forge: Forge;
let scene: Scene;
let count = 0;

beforeAll(async () => {
  forge = await startForge();
});
afterAll(() => forge.close());
beforeEach(async () => {
  scene = await Scene.begin(forge, `trouble-${++count}`);
  await scene.merge(documentOf({ electionTimeoutMs: 1000 }));
  await scene.follow();
});
afterEach(() => forge.server.faults.clear());

/** Requests that the test forge sees while something is done. */
async function requestsOf(action: () => Promise<unknown>) {
  const before = forge.server.seen.length;
  await action();
  return forge.server.seen.slice(before);
}

test('an unchanged branch costs one conditional request a poll, for all clusters and however often it is asked', async () => {
  const seen = await requestsOf(async () => {
    scene.now += 60_000;
    const cluster = { namespace: 'shop', name: 'carts', profile: 'all' as const, replicas: 3 };
    await Promise.all([
      scene.decideNow(),
      scene.decideNow(),
      scene.decideNow({ cluster, lastApplied: undefined }),
    ]);
    for (let i = 0; i < 5; i++) await scene.decideNow();
  });
  const refs = seen.filter(({ path }) => path.includes('/git/ref/'));
  expect(refs.map(({ status }) => status)).toEqual([304]);
  const later = await requestsOf(async () => {
    for (let i = 0; i < 5; i++) await scene.decide();
  });
  expect(later.map(({ status }) => status)).toEqual([304, 304, 304, 304, 304]);
});

test('asked for anew, the branch is looked at before its time', async () => {
  const { number } = await scene.merge(documentOf({ electionTimeoutMs: 1100 }));
  expect(await scene.decideNow()).toMatchObject({ outcome: 'in-sync' });
  scene.sources.lookAnew(scene.repository.fullName.toUpperCase(), 'main');
  expect(await scene.decideNow()).toMatchObject({ provenance: { pullRequest: { number } } });
});

describe('limits', () => {
  test.each<[string, Fault, number]>([
    ['429 with Retry-After', { kind: 'retry-after', status: 429, seconds: 300 }, 300_000],
    ['403 with Retry-After', { kind: 'retry-after', status: 403, seconds: 200 }, 200_000],
    ['an hour used up', { kind: 'rate-limit', resetSeconds: 600 }, 600_000],
    ['a secondary limit without a word on how long', { kind: 'secondary-limit' }, 60_000],
  ])('%s: nothing is asked before its time, then it goes on', async (_, fault, waitMs) => {
    const { number } = await scene.merge(documentOf({ electionTimeoutMs: 1100 }));
    forge.server.faults.add(fault, { times: 1 });
    const held = await scene.decide();
    expect(held).toMatchObject({ outcome: 'hold', condition: { reason: 'ForgeLimited', status: 'Unknown' } });
    // The reset is told in whole seconds of the forge's clock, which the operator's is two minutes ahead of.
    const expected = fault.kind === 'rate-limit' ? waitMs - 120_000 : waitMs;
    expect(Math.abs(held.askAgainMs - expected)).toBeLessThan(5000);
    const seen = await requestsOf(async () => {
      scene.now += held.askAgainMs - 1000;
      expect(await scene.decideNow()).toMatchObject({ condition: { reason: 'ForgeLimited' } });
    });
    expect(seen).toEqual([]);
    scene.now += 1000;
    expect(await scene.decideNow()).toMatchObject({
      outcome: 'apply',
      provenance: { pullRequest: { number } },
    });
  });

  test('a limit that stays is asked for more and more rarely', async () => {
    forge.server.faults.add({ kind: 'secondary-limit' });
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      const { askAgainMs } = await scene.decide();
      waits.push(askAgainMs);
      scene.now += askAgainMs;
    }
    expect(waits).toEqual([60_000, 120_000, 240_000, 480_000, 900_000, 900_000]);
  });
});

describe('an answer that is none', () => {
  const broken: [string, Fault][] = [
    ['a login page', { kind: 'body', text: '<html>Sign in</html>', contentType: 'text/html' }],
    ['a strange content type', { kind: 'body', text: '{}', contentType: ';;;' }],
    ['nothing', { kind: 'body', text: '' }],
    ['null', { kind: 'body', text: 'null' }],
    ['a number', { kind: 'body', text: '7' }],
    ['a list', { kind: 'body', text: '[]' }],
    ['a cut text', { kind: 'truncated' }],
    ['another kind of mapping', { kind: 'altered', alter: () => ({ message: 'OK' }) }],
    [
      'ids that are none',
      {
        kind: 'altered',
        alter: (body) => JSON.parse(JSON.stringify(body).replaceAll(/[0-9a-f]{40}/g, 'HEAD')),
      },
    ],
    [
      'another branch',
      { kind: 'altered', alter: (body) => ({ ...(body as object), ref: 'refs/heads/other' }) },
    ],
    ['too much', { kind: 'body', text: `"${'x'.repeat(9 * 1024 * 1024)}"` }],
  ];
  test.each(broken)('%s, for the head: held, then it goes on', async (_, fault) => {
    const { number } = await scene.merge(documentOf({ electionTimeoutMs: 1100 }));
    forge.server.faults.add(fault, { times: 1, path: /git\/ref/ });
    expect(await scene.refusal()).toMatchObject({ reason: 'ForgeNonsense', status: 'Unknown' });
    expect(await scene.decide()).toMatchObject({ outcome: 'apply', provenance: { pullRequest: { number } } });
  });

  test.each(['/contents/', '/commits$', '/pulls$', '/pulls/\\d+$', '/compare/'])(
    'nonsense for %s is never taken for a fact',
    async (path) => {
      const { number } = await scene.merge(documentOf({ electionTimeoutMs: 1100 }));
      const faults: Fault[] = [
        { kind: 'body', text: '{"message":"OK"}' },
        { kind: 'body', text: '[{"sha":"x","number":"y"}]' },
        { kind: 'truncated' },
      ];
      for (const fault of faults) {
        forge.server.faults.add(fault, { times: 1, path: new RegExp(path) });
        expect(await scene.refusal()).toMatchObject({ status: 'Unknown' });
      }
      expect(await scene.decide()).toMatchObject({
        outcome: 'apply',
        provenance: { pullRequest: { number } },
      });
    },
  );

  test('a content that is not the one of its id is not believed', async () => {
    await scene.merge(documentOf({ electionTimeoutMs: 1100 }));
    const content = Buffer.from(documentOf({ electionTimeoutMs: 9000 })).toString('base64');
    const alter = (body: unknown) => ({ ...(body as object), content });
    forge.server.faults.add({ kind: 'altered', alter }, { times: 1, path: /contents/ });
    expect(await scene.refusal()).toMatchObject({ reason: 'ForgeNonsense' });
    expect(await scene.decide()).toMatchObject({ consensus: { electionTimeoutMs: 1100 } });
  });

  test('a file that is said to be missing, and is listed, is not missing', async () => {
    await scene.merge(documentOf({ electionTimeoutMs: 1100 }));
    forge.server.faults.add(
      { kind: 'status', status: 404 },
      { times: 1, path: new RegExp(`contents/${PATH}`) },
    );
    expect(await scene.refusal()).toMatchObject({ reason: 'ForgeNonsense' });
    expect(await scene.decide()).toMatchObject({ outcome: 'apply' });
  });
});

describe('a forge that fails', () => {
  test.each<[string, Fault, string]>([
    ['500', { kind: 'status', status: 500 }, 'ForgeFailing'],
    ['502', { kind: 'status', status: 502 }, 'ForgeFailing'],
    ['503', { kind: 'status', status: 503 }, 'ForgeFailing'],
    ['a connection that breaks', { kind: 'reset' }, 'ForgeUnreachable'],
    [
      '403 without a limit',
      { kind: 'status', status: 403, message: 'Resource not accessible' },
      'AccessDenied',
    ],
    ['401', { kind: 'status', status: 401, message: 'Bad credentials' }, 'TokenRefused'],
    ['418', { kind: 'status', status: 418, message: 'I am a teapot' }, 'ForgeNonsense'],
  ])('%s is held as unknown, and goes on by itself', async (_, fault, reason) => {
    await scene.merge(documentOf({ electionTimeoutMs: 1100 }));
    forge.server.faults.add(fault, { times: 1 });
    expect(await scene.refusal()).toMatchObject({ reason, status: 'Unknown' });
    expect(await scene.decide()).toMatchObject({ outcome: 'apply' });
  });

  test('a fault in the midst of a walk loses nothing and concludes nothing', async () => {
    for (let i = 0; i < 4; i++) await scene.merge(documentOf({ electionTimeoutMs: 1100 + i }));
    const reasons: string[] = [];
    for (let i = 0; i < 40; i++) {
      forge.server.faults.clear();
      forge.server.faults.add({ kind: 'status', status: 502 }, { times: 1, path: /contents|pulls|commits/ });
      scene.now += 600_000;
      const decision = await scene.decide();
      reasons.push(decision.outcome === 'hold' ? decision.condition.reason : decision.outcome);
      if (decision.outcome === 'apply') break;
    }
    expect(new Set(reasons.slice(0, -1))).toEqual(new Set(['ForgeFailing']));
    forge.server.faults.clear();
    scene.now += 600_000;
    expect(await scene.decide()).toMatchObject({ outcome: 'apply', consensus: { electionTimeoutMs: 1103 } });
  });

  test('nobody at the address, an unknown token, no such repository or branch, and a renamed one', async () => {
    const { source } = scene;
    const reasonWith = async (change: Partial<typeof source>) => {
      const { reason, message } = await scene.refusal({ source: { ...source, ...change } });
      expect(message.length).toBeGreaterThan(40);
      return reason;
    };
    expect(await reasonWith({ apiUrl: 'http://127.0.0.1:9' })).toBe('ForgeUnreachable');
    expect(await reasonWith({ token: 'ghp_nobody' })).toBe('TokenRefused');
    expect(await reasonWith({ repository: 'owner/nothing' })).toBe('RepositoryMissing');
    expect(await reasonWith({ branch: 'nothing' })).toBe('BranchMissing');
    expect(await reasonWith({ path: 'clusters/nothing.yaml' })).toBe('FileMissing');
    expect(await reasonWith({ path: 'clusters' })).toBe('InvalidDocument');
    scene.repository.movedTo = 'owner/renamed';
    expect(await reasonWith({})).toBe('RepositoryMoved');
  });

  test('a token that runs out of its hour by itself', async () => {
    const { server } = forge;
    await scene.merge(documentOf({ electionTimeoutMs: 1100 }));
    server.hourlyLimit = 1;
    try {
      expect(await scene.refusal()).toMatchObject({ reason: 'ForgeLimited' });
    } finally {
      server.hourlyLimit = 5000;
    }
  });
});
