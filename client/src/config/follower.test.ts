import { resolveSettings, type ConsensusSettings } from '@aegis/replica/settings';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { firstDocument, type Owner } from './document.js';
import { ConfigFollower } from './follower.js';
import { conditionLine, SettingsStore, type SettingsState } from './settings-store.js';
import { Cluster, NAMES } from './testing-cluster.js';

const OWNER: Owner = { namespace: 'local', cluster: 'aegis', profile: 'all', replicas: 5 };
const FIRST = firstDocument(OWNER);
const members = NAMES.map((name) => ({ name }));
const asking = (settings: string): string => FIRST.replace('consensus: {}', `consensus: { ${settings} }`);

let folder: string;
let cluster: Cluster;
let store: SettingsStore;
let said: string[];
/** The commits of the branch, oldest first; what is cut off is not in its history. */
let branch: { commit: string; text: string | undefined }[];
let follower: ConfigFollower;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-follower-'));
  cluster = new Cluster();
  said = [];
  branch = [{ commit: 'c0', text: FIRST }];
  begin();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** One life of the supervisor: every process starts with what its file says. */
function begin(): void {
  store = new SettingsStore(join(folder, 'settings'));
  store.prepare({ profile: 'all', members: members as never });
  for (const [name, settings] of Object.entries(store.state.members)) cluster.settings.set(name, settings);
  cluster.onRestart = (name, settings) => store.give(name, settings);
  follower = new ConfigFollower({
    repository: {
      mark: () => String(branch.at(-1)?.commit),
      head: async () => branch.at(-1)?.commit,
      file: async (commit) => branch.find((each) => each.commit === commit)?.text,
      isAncestor: async (commit) => branch.some((each) => each.commit === commit),
      committer: async () => 'ada',
    },
    store,
    stage: cluster,
    owner: OWNER,
    now: () => 1_000,
    say: (line) => said.push(line),
  });
}

const look = (signal = new AbortController().signal) => follower.look(signal);
/** A look that ends once the third member has restarted. */
const lookCutOff = (): ReturnType<typeof look> => {
  const stop = new AbortController();
  cluster.onRestart = (name, settings) => {
    store.give(name, settings);
    if (name === 'aegis-3') stop.abort();
  };
  return look(stop.signal);
};
const push = (text: string | undefined) => branch.push({ commit: `c${branch.length}`, text });
const onDisk = () => JSON.parse(readFileSync(store.statePath, 'utf8')) as SettingsState;
const fileOf = (name: string) =>
  (parse(readFileSync(store.path(name), 'utf8')) as { spec: { consensus: ConsensusSettings } }).spec
    .consensus;
const runs = (settings: Partial<ConsensusSettings>) => {
  for (const name of NAMES) expect(cluster.settings.get(name)).toMatchObject(settings);
};

describe('what is on the branch', () => {
  test('is in sync at the beginning, and nobody restarts', async () => {
    await look();
    expect(onDisk()).toMatchObject({ commit: 'c0', condition: { state: 'InSync' } });
    expect(cluster.done).toEqual([]);
  });

  test('is applied when it is safe, once, and written down with who did it', async () => {
    await look();
    push(asking('electionTimeoutMs: 1200, leaseExpiryPerTick: 50'));
    await look();
    await look();
    runs({ electionTimeoutMs: 1200 });
    expect(cluster.done.filter((line) => line.startsWith('aegis-'))).toHaveLength(5);
    expect(cluster.shared).toHaveLength(1);
    const patch = { electionTimeoutMs: 1200, leaseExpiryPerTick: 50 };
    expect(onDisk()).toMatchObject({
      commit: 'c1',
      settings: patch,
      lastHealthy: patch,
      condition: { state: 'InSync', commit: 'c1' },
      changes: [{ commit: 'c1', by: 'ada', patch, at: 1_000 }],
    });
    for (const name of NAMES) expect(fileOf(name)).toMatchObject(patch);
  });

  test.each([
    ['unsafe settings', asking('electionTimeoutMs: 300'), 'UnsafeSettings', /rule .*electionTimeoutMs 300/],
    ['no settings document', 'a: [\n', 'InvalidDocument', /YAML/],
    ['an unknown setting', asking('fsync: 0'), 'InvalidDocument', /fsync/],
    ['no file', undefined, 'FileMissing', /not on the branch/],
  ])('%s change nothing, and it says why', async (_, text, reason, message) => {
    await look();
    push(text);
    await look();
    expect(onDisk()).toMatchObject({
      commit: 'c0',
      condition: { state: 'Held', reason, message: expect.stringMatching(message), commit: 'c1' },
    });
    expect(cluster.done).toEqual([]);
    expect(said.filter((line) => line.includes(reason))).toHaveLength(1);
    expect(conditionLine(join(folder, 'settings'))).toMatch(/in force: commit c0; not applied: commit c1, /);
    // Mended by the next commit.
    push(asking('electionTimeoutMs: 1200'));
    await look();
    runs({ electionTimeoutMs: 1200 });
  });

  test('a history that was rewritten is not followed', async () => {
    push(asking('electionTimeoutMs: 1200'));
    await look();
    branch = [{ commit: 'x0', text: FIRST }];
    await look();
    expect(onDisk()).toMatchObject({ condition: { state: 'Held', reason: 'HistoryRewritten' } });
    runs({ electionTimeoutMs: 1200 });
  });

  test('a change that was cut off by a restart is gone on with', async () => {
    await look();
    push(asking('electionTimeoutMs: 1200'));
    await lookCutOff();
    expect(onDisk()).toMatchObject({ commit: 'c0', condition: { state: 'Rolling' } });
    expect(fileOf('aegis-3').electionTimeoutMs).toBe(1200);
    expect(fileOf('aegis-5').electionTimeoutMs).toBe(1000);
    begin();
    await look();
    runs({ electionTimeoutMs: 1200 });
    expect(onDisk()).toMatchObject({ commit: 'c1', condition: { state: 'InSync' } });
  });

  test('a revert in the middle of a change leads back', async () => {
    await look();
    push(asking('electionTimeoutMs: 1200'));
    await lookCutOff();
    push(FIRST);
    begin();
    await look();
    runs({ electionTimeoutMs: 1000 });
    expect(onDisk()).toMatchObject({ commit: 'c2', condition: { state: 'InSync' }, changes: [] });
  });

  test('settings with which a member does not come back are taken back everywhere, and not tried again', async () => {
    await look();
    let restarts = 0;
    cluster.deadly = ({ electionTimeoutMs }) => electionTimeoutMs === 1_200 && ++restarts > 2;
    push(asking('electionTimeoutMs: 1200'));
    await look();
    runs({ electionTimeoutMs: 1000 });
    expect(onDisk()).toMatchObject({
      commit: 'c0',
      settings: { electionTimeoutMs: 1000 },
      condition: { state: 'Held', reason: 'TakenBack' },
    });
    const { length } = cluster.done;
    push(`${asking('electionTimeoutMs: 1200')}# again\n`);
    await look();
    expect(cluster.done).toHaveLength(length);
    push(asking('electionTimeoutMs: 1100'));
    await look();
    runs({ electionTimeoutMs: 1100 });
  });

  test('a roll that is held up goes on when what it waits for is there', async () => {
    await look();
    cluster.unwell.add('aegis-4').add('aegis-5').add('aegis-1');
    push(asking('electionTimeoutMs: 1200'));
    await look();
    expect(onDisk()).toMatchObject({ condition: { state: 'Held', reason: 'RollHeldUp' } });
    cluster.unwell.clear();
    await cluster.sleep(20_000);
    await look();
    runs({ electionTimeoutMs: 1200 });
  });

  test('going back to what ran healthy last is never refused', async () => {
    const file = join(folder, 'settings', 'state.json');
    const old = { ...resolveSettings('all'), electionTimeoutMs: 300 };
    writeFileSync(file, JSON.stringify({ ...onDisk(), lastHealthy: old }));
    begin();
    push(asking('electionTimeoutMs: 300'));
    await look();
    runs({ electionTimeoutMs: 300 });
  });
});

test('where nobody follows a repository nothing is said of it', () => {
  expect(conditionLine(folder)).toBeUndefined();
});

test('a file of settings that somebody broke is named', () => {
  writeFileSync(store.statePath, '{');
  expect(begin).toThrow(/state\.json/);
});
