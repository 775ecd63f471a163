import { git, GitRepository, type Standing } from '@aegis/client/config';
import { resolveSettings } from '@aegis/replica/settings';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../counterfactual/environment.js';
import { EvidenceLog } from '../evidence/index.js';
import { LocalForge } from '../forge/index.js';
import { IMPROVES, ONSET, SETTINGS, TARGET } from '../forge/testing/pages.js';
import { DEFAULT_POLICY } from '../propose/index.js';
import { writeRecording } from '../telemetry/index.js';
import { FULL_DISK, STALLS } from '../testing/made-up.js';
import { AgentFolder } from './agent-folder.js';
import type { IncidentState, Work } from './records.js';
import { standingOf } from './testing.js';
import { Worker, type WorkerParts } from './worker.js';

/** Real git underneath: a busy machine may take its time. */
jest.setTimeout(120_000);

const PATH = 'orders.yaml';
const BRANCH = 'aegis/tuning/7c4f2a90b1d3e586-shop-orders-timing';
const FIRST = 'i-20260304t120120z';

let path: string;
let dir: string;
let folder: AgentFolder;
let people: GitRepository;
let clock: number;
let standing: Standing;
/** What the supervisor says of a verification, one answer after the other; the last one stays. */
let verifier: (object | 'running' | 'down')[];
let asked: number;
let signal: AbortSignal;

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'aegis-worker-'));
  dir = join(path, 'config.git');
  folder = new AgentFolder(join(path, 'agent'));
  clock = ONSET + 80_000;
  standing = standingOf();
  verifier = [IMPROVES];
  asked = 0;
  signal = new AbortController().signal;
  await git(dir, ['init', '--bare', '--quiet', '--initial-branch', 'main', dir]);
  people = new GitRepository({ dir, base: 'main', author: { name: 'ada', email: 'ada@shop.example' } });
  const begin = { branch: 'main', parent: undefined, from: undefined, message: 'Begin' };
  await people.write({ ...begin, files: { [PATH]: SETTINGS } });
});
afterEach(() => rmSync(path, { recursive: true }));

function lay(id = FIRST, recording = STALLS): void {
  const state: IncidentState = { id, classes: [], onset: ONSET, openedAt: ONSET, lastSeen: ONSET };
  folder.write('incidents', id, { kind: 'Incident', version: 1, ...state });
  const base = standing.settings;
  const work: Work = {
    ...{ id, target: TARGET, profile: 'all', replicas: 5, base, lastHealthy: base, quorumMargin: 2 },
    beganAt: ONSET,
  };
  folder.write('recordings', id, { recording: writeRecording(recording) });
  folder.write('work', id, work);
}

/** One life of the agent. */
async function life(duty: (worker: Worker) => Promise<void>, more: Partial<WorkerParts> = {}): Promise<void> {
  const evidence = EvidenceLog.open(folder.evidencePath);
  try {
    const worker = new Worker({
      folder,
      evidence,
      forge: new LocalForge({ dir, base: 'main', path: PATH, now: () => clock }),
      supervisor: {
        standing: async () => standing,
        verify: async () => {
          const said = verifier[Math.min(asked++, verifier.length - 1)]!;
          if (said === 'down') throw new Error('the supervisor is down');
          return said === 'running' ? { state: 'running' } : { state: 'done', result: { ...said } };
        },
      },
      path: PATH,
      policy: DEFAULT_POLICY,
      question: ({ id }, patch) => JSON.stringify({ id, patch }),
      now: () => (clock += 7),
      sleep: async () => undefined,
      signal,
      log: () => undefined,
      ...more,
    });
    await duty(worker);
  } finally {
    evidence.close();
  }
}

const work = () => life((worker) => worker.work());
const follow = () => life((worker) => worker.follow());
const recommended = (id = FIRST) => folder.read('recommendations', id);
const head = () => people.head(BRANCH);
const merge = async () => git(dir, ['update-ref', 'refs/heads/main', (await head())!]);

describe('the work on an incident', () => {
  test('ends with a branch, and files that say so', async () => {
    lay();
    verifier = ['running', 'running', IMPROVES];
    await work();
    expect(asked).toBe(3);
    expect(recommended()).toMatchObject({
      phase: 'PullRequestOpen',
      family: 'timing',
      branch: BRANCH,
      verification: IMPROVES,
      cause: { fault: 'loop-stalled' },
    });
    expect(folder.read('incidents', FIRST)).toMatchObject({
      openedAt: ONSET,
      worked: true,
      recommendation: FIRST,
      postmortem: expect.stringContaining('postmortems'),
      causes: expect.arrayContaining([expect.objectContaining({ fault: 'loop-stalled' })]),
    });
    const at = await head();
    await work();
    expect(asked).toBe(3);
    expect(await head()).toBe(at);
  });

  test('without a verifier there is no branch, and nobody says that anything was verified', async () => {
    lay();
    verifier = [{ result: 'NotVerified', why: 'no verifier here' }];
    await work();
    expect(await head()).toBeUndefined();
    expect(recommended()).toMatchObject({ phase: 'NotVerified', reason: 'no verifier here' });
    expect(folder.read('incidents', FIRST)).toMatchObject({ worked: true });
  });

  test('telemetry out of which nothing can be replayed is not verified, and it says so', async () => {
    lay();
    const question = () => {
      throw new EnvironmentError('it tells no round trips');
    };
    await life((worker) => worker.work(), { question });
    expect(recommended()).toMatchObject({ phase: 'NotVerified', reason: 'it tells no round trips' });
    expect(asked).toBe(0);
  });

  test.each([
    ['no object', 'Improves'],
    ['a result that is not known', { ...IMPROVES, result: 'Perfect' }],
    ['a number that is none', { ...IMPROVES, delta: '-3900' }],
  ])('%s out of a verifier verifies nothing', async (_, said) => {
    lay();
    verifier = [typeof said === 'string' ? { said } : said];
    await work();
    expect(recommended()).toMatchObject({ phase: 'NotVerified' });
    expect(await head()).toBeUndefined();
  });

  test('a supervisor that is down in the middle is asked again, and nothing is done twice', async () => {
    lay();
    verifier = ['running', 'down', IMPROVES];
    await expect(work()).rejects.toThrow('down');
    expect(recommended()).toMatchObject({ phase: 'Proposed' });
    await work();
    expect(recommended()).toMatchObject({ phase: 'PullRequestOpen' });
    expect((await git(dir, ['rev-list', '--count', `main..${BRANCH}`]))!.trim()).toBe('1');
  });

  test('where no setting helps there is advice, and no recommendation', async () => {
    lay(FIRST, FULL_DISK);
    await work();
    expect(folder.read('incidents', FIRST)).toMatchObject({
      worked: true,
      advice: expect.stringContaining('Make room on the disk'),
    });
    expect(recommended()).toBeUndefined();
    expect(asked).toBe(0);
  });

  test('what stands already is not proposed twice; what a person changed lately is waited for', async () => {
    lay();
    await work();
    lay('i-20260304t130000z');
    await work();
    expect(recommended('i-20260304t130000z')).toMatchObject({ phase: 'Superseded' });
    expect(recommended()).toMatchObject({ phase: 'PullRequestOpen' });
    standing = standingOf({ changes: [{ commit: 'c', patch: { maxBatchBytes: 1 }, at: clock }] });
    rmSync(join(folder.path, 'work', `${FIRST}.json`));
    lay('i-20260304t140000z');
    await work();
    expect(recommended('i-20260304t140000z')?.phase).toMatch(/Held|Rejected/);
  });
});

test('of what is finished only the newest recordings stay, and what is open keeps its own', async () => {
  lay();
  await work();
  for (let n = 10; n < 32; n++) lay(`i-20260305t0000${n}z`, FULL_DISK);
  await life(async (worker) => {
    await worker.work();
    await worker.work();
  });
  // The first one waits for a person.
  expect(folder.names('recordings')).toHaveLength(21);
  expect(folder.names('recordings')).toContain(FIRST);
  expect(folder.names('incidents')).toHaveLength(23);
});

describe('what people make of it', () => {
  beforeEach(async () => {
    lay();
    await work();
  });

  test('merged, then applied, when every replica runs it', async () => {
    await follow();
    expect(recommended()).toMatchObject({ phase: 'PullRequestOpen' });
    await merge();
    await follow();
    expect(recommended()).toMatchObject({ phase: 'Merged', commit: expect.any(String) });
    standing = standingOf({ settings: undefined });
    await follow();
    expect(recommended()).toMatchObject({ phase: 'Merged' });
    standing = standingOf({ settings: { ...resolveSettings('all'), ...recommended()!.patch } });
    await follow();
    await follow();
    expect(recommended()).toMatchObject({ phase: 'Applied' });
  });

  test('deleted by a person: it was closed', async () => {
    await people.remove(BRANCH, (await head())!);
    await follow();
    expect(recommended()).toMatchObject({ phase: 'Rejected', reason: expect.stringContaining('person') });
  });

  test('nobody merges in time: its branch goes, and it says so', async () => {
    clock = recommended()!.validUntil! + 1;
    await follow();
    await follow();
    expect(await head()).toBeUndefined();
    expect(recommended()).toMatchObject({ phase: 'Expired', reason: 'NobodyMerged' });
  });

  test('the settings that it was made for are no more: its branch goes', async () => {
    standing = standingOf({ settings: { ...resolveSettings('all'), maxInflightMessages: 300 } });
    await follow();
    expect(await head()).toBeUndefined();
    expect(recommended()).toMatchObject({ phase: 'Superseded', reason: 'SettingsChanged' });
  });

  test('while a change is under way nothing is ended', async () => {
    standing = standingOf({ settings: undefined });
    await follow();
    expect(recommended()).toMatchObject({ phase: 'PullRequestOpen' });
  });
});
