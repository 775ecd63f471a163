import { resolveSettings } from '@aegis/replica/settings';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvidenceLog, readEvidence } from '../evidence/index.js';
import { LocalForge, type Forge, type Verification } from '../forge/index.js';
import { git } from '@aegis/client/config';
import { IMPROVES, ONSET, SETTINGS, TARGET } from '../forge/testing/pages.js';
import { DEFAULT_POLICY } from '../propose/index.js';
import { scripted } from '../testing/cluster.js';
import { FULL_DISK, STALLS } from '../testing/made-up.js';
import { followUp } from './follow.js';
import { runIncident, STEPS, type Incident, type LoopParts } from './loop.js';

/** Real git underneath: a busy machine may take its time. */
jest.setTimeout(180_000);

const PATH = 'orders.yaml';
const BRANCH = 'aegis/tuning/7c4f2a90b1d3e586-shop-orders-timing';

const well = scripted({ seconds: 80 });

let folder: string;
let dir: string;
let clock: number;
let verified: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-loop-'));
  dir = join(folder, 'config.git');
  clock = ONSET + 80_000;
  verified = 0;
  await git(dir, ['init', '--bare', '--quiet', '--initial-branch', 'main', dir]);
  const blob = (await git(dir, ['hash-object', '-w', '--stdin'], { input: SETTINGS }))!.trim();
  const tree = (await git(dir, ['mktree'], { input: `100644 blob ${blob}\t${PATH}\n` }))!.trim();
  await land((await git(dir, ['commit-tree', tree, '-m', 'Begin'], { env: ADA }))!.trim());
});
afterEach(() => rmSync(folder, { recursive: true }));

const ADA = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'ada'],
    [`GIT_${role}_EMAIL`, 'ada@shop.example'],
  ]),
);
const land = (sha: string) => git(dir, ['update-ref', 'refs/heads/main', sha]);
const head = async (branch: string) =>
  (
    await git(dir, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`], { accept: [1, 128] })
  )?.trim();
const branches = async () =>
  (await git(dir, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads']))!.trim().split('\n');
const postmortems = async () =>
  (await git(dir, ['ls-tree', '-r', '--name-only', 'aegis/tuning/postmortems'], { accept: [128] }))
    ?.trim()
    .split('\n') ?? [];
const postmortem = async () =>
  (await git(dir, ['cat-file', 'blob', `aegis/tuning/postmortems:${(await postmortems())[0]}`]))!;

const incident = (recording = STALLS, more: Partial<Incident> = {}): Incident => ({
  id: 'orders-1',
  target: TARGET,
  recording,
  beganAt: ONSET,
  profile: 'all',
  replicas: 5,
  base: resolveSettings('all'),
  quorumMargin: 2,
  ...more,
});

/** One life of the agent. */
async function life<T>(work: (parts: LoopParts) => Promise<T>, more: Partial<LoopParts> = {}): Promise<T> {
  const evidence = EvidenceLog.open(join(folder, 'evidence.jsonl'));
  const forge = new LocalForge({ dir, base: 'main', path: PATH, now: () => clock });
  try {
    return await work({
      evidence,
      forge,
      path: PATH,
      policy: DEFAULT_POLICY,
      history: () => [],
      open: () => [],
      verify: async () => {
        verified += 1;
        return IMPROVES;
      },
      now: () => (clock += 7),
      ...more,
    });
  } finally {
    evidence.close();
  }
}

const run = (what = incident(), more: Partial<LoopParts> = {}) =>
  life((parts) => runIncident(what, parts), more);
const stepsDone = () => readEvidence(join(folder, 'evidence.jsonl')).map(({ step }) => step);

describe('the way of an incident', () => {
  test('from telemetry to a proposal and a postmortem, every step in the evidence', async () => {
    const result = await run();
    expect(result).toMatchObject({
      kind: 'published',
      request: { did: 'opened', branch: BRANCH, state: 'Open' },
    });
    expect(stepsDone()).toEqual([...STEPS.slice(0, -1), 'report', 'postmortem']);
    const kept = (step: string) =>
      readEvidence(join(folder, 'evidence.jsonl')).find((record) => record.step === step)!.output;
    expect(kept('classify')).toMatchObject({
      signals: expect.arrayContaining([
        expect.objectContaining({
          ...{ class: 'ElectionStorm', kind: 'elections', bound: expect.any(Number) },
          ...{ worst: expect.any(Number), onset: expect.any(Number) },
        }),
      ]),
    });
    expect(kept('diagnose')).toMatchObject({
      path: expect.arrayContaining([{ effect: 'ElectionStorm', at: 'cluster' }]),
    });
    expect(await branches()).toEqual([BRANCH, 'aegis/tuning/postmortems', 'main']);
    expect(await git(dir, ['cat-file', 'blob', `${BRANCH}:${PATH}`])).toMatch(
      /electionTimeoutMs: 1[1-9]\d0\n/,
    );
    expect(await postmortem()).toContain('loop-stalled');
  });

  test('run again, and once more after its end, it does nothing', async () => {
    const first = await run();
    const [at, evidence] = [await head(BRANCH), stepsDone()];
    expect(await run()).toEqual(first);
    expect(await head(BRANCH)).toBe(at);
    expect(stepsDone()).toEqual(evidence);
    expect(verified).toBe(1);
  });

  test('a fault that no setting helps against has advice in its postmortem, and no proposal', async () => {
    expect(await run(incident(FULL_DISK))).toMatchObject({
      kind: 'advice',
      why: expect.stringContaining('Make room on the disk'),
    });
    expect(await branches()).toEqual(['aegis/tuning/postmortems', 'main']);
    expect(await postmortem()).toContain('Make room on the disk');
    expect(verified).toBe(0);
  });

  test('a cluster that is well leaves no trace but the look', async () => {
    expect(await run(incident(well))).toMatchObject({ kind: 'quiet' });
    expect(await branches()).toEqual(['main']);
    expect(stepsDone()).toEqual(['observe', 'classify']);
  });

  test.each(['NoDifference', 'Harm', 'CannotReproduce'] as const)(
    'a verification that says %s ends it: no proposal, and evidence of it',
    async (result) => {
      const verify = async (): Promise<Verification> => ({ ...IMPROVES, result });
      expect(await run(incident(), { verify })).toMatchObject({ kind: 'rejected', why: result });
      expect(await head(BRANCH)).toBeUndefined();
      expect(await postmortem()).toContain(result);
      expect(stepsDone()).toContain('verify');
      expect(stepsDone()).not.toContain('publish');
    },
  );

  test.each([
    ['the envelope', 'refused', incident(STALLS, { quorumMargin: 0 }), {}],
    [
      'a mute',
      'held',
      incident(),
      { policy: { ...DEFAULT_POLICY, mutes: [{ until: Number.MAX_SAFE_INTEGER, why: 'moving house' }] } },
    ],
  ])('%s holds it back before anything is verified', async (_, kind, what, more) => {
    expect(await run(what, more)).toMatchObject({ kind });
    expect(await head(BRANCH)).toBeUndefined();
    expect(verified).toBe(0);
  });
});

describe('killed', () => {
  class Killed extends Error {}

  /** Every call of the evidence and the forge is a point at which the agent may end, before or after its effect. */
  function dying(
    parts: LoopParts,
    nth: number,
    when: 'before' | 'after',
  ): { parts: LoopParts; died: () => boolean } {
    let count = 0;
    const point = async <T>(work: () => T | Promise<T>): Promise<T> => {
      count += 1;
      if (count > nth || (count === nth && when === 'before')) throw new Killed();
      const done = await work();
      if (count === nth) throw new Killed();
      return done;
    };
    const evidence = new Proxy(parts.evidence, {
      get(target, name) {
        if (name === 'records') return target.records;
        return (...args: Parameters<EvidenceLog['append']>) => {
          count += 1;
          if (count > nth || (count === nth && when === 'before')) throw new Killed();
          const record = target.append(...args);
          if (count === nth) throw new Killed();
          return record;
        };
      },
    });
    const forge: Forge = {
      check: () => point(() => parts.forge.check()),
      publish: (page) => point(() => parts.forge.publish(page)),
      stateOf: (target, family) => point(() => parts.forge.stateOf(target, family)),
      withdraw: (target, family, reason) => point(() => parts.forge.withdraw(target, family, reason)),
      postmortem: (page) => point(() => parts.forge.postmortem(page)),
    };
    const verify: LoopParts['verify'] = (what, patch) => point(() => parts.verify(what, patch));
    return { parts: { ...parts, evidence, forge, verify }, died: () => count >= nth };
  }

  const whole = async (parts: LoopParts): Promise<void> => {
    await runIncident(incident(), parts);
    await followUp(incident(), parts);
  };

  test('at any point, before or after its effect: one proposal, one postmortem, each step once', async () => {
    let points = 0;
    for (const when of ['before', 'after'] as const)
      for (let nth = 1; ; nth++) {
        rmSync(join(folder, 'evidence.jsonl'), { force: true });
        for (const branch of await branches())
          if (branch !== 'main') await git(dir, ['update-ref', '-d', `refs/heads/${branch}`]);
        const died = await life(async (parts) => {
          const one = dying(parts, nth, when);
          await whole(one.parts).catch((error: unknown) => {
            if (!(error instanceof Killed)) throw error;
          });
          return one.died();
        });
        if (!died) break;
        points += 1;
        await life(whole);
        const at = await head(BRANCH);
        await life(whole);
        expect(await head(BRANCH)).toBe(at);
        expect((await git(dir, ['rev-list', '--count', `main..${BRANCH}`]))!.trim()).toBe('1');
        expect(await branches()).toEqual([BRANCH, 'aegis/tuning/postmortems', 'main']);
        expect(await postmortems()).toHaveLength(1);
        const steps = stepsDone();
        expect(steps.toSorted()).toEqual([...new Set(steps)].toSorted());
        expect(steps).toEqual([...STEPS.slice(0, -1), 'report', 'postmortem', 'outcome']);
      }
    expect(points).toBeGreaterThanOrEqual(20);
  });
});

describe('what becomes of a proposal', () => {
  /** `git merge` and `git push` by a person. */
  async function merge(): Promise<void> {
    const tree = (await git(dir, [
      'merge-tree',
      '--write-tree',
      'refs/heads/main',
      `refs/heads/${BRANCH}`,
    ]))!.trim();
    const parents = ['-p', (await head('main'))!, '-p', (await head(BRANCH))!];
    await land((await git(dir, ['commit-tree', tree, ...parents, '-m', 'Merge'], { env: ADA }))!.trim());
  }

  test('a merge is told in the postmortem, once', async () => {
    await run();
    expect(await life((parts) => followUp(incident(), parts))).toMatchObject({ state: 'Open' });
    await merge();
    for (let i = 0; i < 2; i++)
      expect(await life((parts) => followUp(incident(), parts))).toMatchObject({
        state: 'Merged',
        mergedBy: 'ada',
      });
    expect(await postmortem()).toMatch(/What a person decided.*Merged \| by ada/s);
    expect(stepsDone().slice(-3)).toEqual(['outcome', 'outcome', 'told']);
    expect((await git(dir, ['rev-list', '--count', 'aegis/tuning/postmortems']))!.trim()).toBe('2');
  });

  test('a merge in the moment between publishing and noting it is no second proposal', async () => {
    await life(async (parts) => {
      const forge = new Proxy(parts.forge, {
        get: (target, name) =>
          name === 'publish'
            ? async (page: never) => {
                await target.publish(page);
                throw new Error('killed');
              }
            : Reflect.get(target, name),
      });
      await expect(runIncident(incident(), { ...parts, forge })).rejects.toThrow('killed');
    });
    await merge();
    expect(await run()).toMatchObject({
      kind: 'published',
      request: { state: 'Merged', did: 'nothing', mergedBy: 'ada' },
    });
    expect((await git(dir, ['rev-list', '--count', `main..${BRANCH}`]))!.trim()).toBe('0');
  });

  test('a branch that a person deleted was closed, and is not made again', async () => {
    await run();
    await git(dir, ['update-ref', '-d', `refs/heads/${BRANCH}`]);
    expect(await life((parts) => followUp(incident(), parts))).toMatchObject({ state: 'Closed' });
    await run();
    expect(await head(BRANCH)).toBeUndefined();
    expect(await postmortem()).toContain('Closed');
  });

  test('without a proposal there is nothing to follow', async () => {
    await run(incident(FULL_DISK));
    expect(await life((parts) => followUp(incident(), parts))).toBeUndefined();
  });
});
