import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { resolveSettings } from '@aegis/replica/settings';
import { startForge, type Forge, type Identity } from '../forge/index.js';
import { documentOf, PATH, Scene } from './scene.js';

let forge: Forge;
let queue: Identity;
let stranger: Identity;
let scene: Scene;
let count = 0;

const FIRST = documentOf({ electionTimeoutMs: 1000 });
const SECOND = documentOf({ electionTimeoutMs: 1200 });
const THIRD = documentOf({ electionTimeoutMs: 1300 });

beforeAll(async () => {
  forge = await startForge();
  queue = forge.identities.app('merge-queue');
  stranger = forge.identities.user('stranger');
});
afterAll(() => forge.close());
beforeEach(async () => {
  scene = await Scene.begin(forge, `settings-${++count}`);
  scene.repository.roles.set(queue.login, 'write');
});

describe('a merged pull request', () => {
  test.each(['merge', 'squash', 'rebase'] as const)(
    'gives settings and where they come from, by %s',
    async (method) => {
      const { number, sha } = await scene.merge([SECOND, FIRST], { method });
      const decision = await scene.follow();
      expect(decision).toMatchObject({
        consensus: { electionTimeoutMs: 1000 },
        settings: resolveSettings('all', { electionTimeoutMs: 1000 }),
        provenance: { commit: sha, pullRequest: { number, mergedBy: 'ada' } },
        verified: false,
      });
      expect(await scene.decide()).toMatchObject({ outcome: 'in-sync' });
      const next = await scene.merge(SECOND, { method });
      expect(await scene.follow()).toMatchObject({
        provenance: { commit: next.sha, pullRequest: { number: next.number } },
      });
    },
  );

  test('is the newest one, whatever else was pushed around it', async () => {
    const { number } = await scene.merge(FIRST);
    await scene.repository.push(scene.people.owner, 'main', { 'README.md': 'More.\n' });
    await scene.push(`# What it is for\n${FIRST}---\n${documentOf({ electionTimeoutMs: 5 }, 'other')}`);
    expect(await scene.follow()).toMatchObject({ provenance: { pullRequest: { number } } });
  });

  test('is verified only with just the settings that were verified for it', async () => {
    const { number } = await scene.merge(SECOND);
    const settings = resolveSettings('all', { electionTimeoutMs: 1200 });
    expect(await scene.decide({ verified: [{ pullRequest: number, settings }] })).toMatchObject({
      verified: true,
    });
    const other = { ...settings, heartbeatIntervalMs: 90 };
    expect(await scene.decide({ verified: [{ pullRequest: number, settings: other }] })).toMatchObject({
      verified: false,
    });
    expect(await scene.decide({ verified: [{ pullRequest: number + 1, settings }] })).toMatchObject({
      verified: false,
    });
  });

  test('that was closed changes nothing', async () => {
    await scene.merge(FIRST);
    await scene.follow();
    const pull = await scene.propose([SECOND]);
    await scene.as(scene.people.ada).pulls.update({ ...scene.at, pull_number: pull.number, state: 'closed' });
    expect(await scene.decide()).toMatchObject({ outcome: 'in-sync' });
  });

  test('that reverts restores', async () => {
    await scene.merge(FIRST);
    await scene.follow();
    await scene.merge(SECOND);
    await scene.follow();
    const revert = await scene.merge(FIRST);
    expect(await scene.follow()).toMatchObject({
      consensus: { electionTimeoutMs: 1000 },
      provenance: { pullRequest: { number: revert.number } },
    });
  });
});

describe('who merges', () => {
  test('not the agent, even if somebody else proposed it', async () => {
    await scene.merge(FIRST);
    await scene.follow();
    await scene.merge(SECOND, { author: scene.people.ada, merger: scene.people.agent });
    const { reason, message } = await scene.refusal();
    expect(reason).toBe('MergedByAgent');
    expect(message).toMatch(
      /settings-\d+, branch main, clusters\/orders\.yaml: Pull request #2 .* agent itself, tuner\./,
    );
    expect(await scene.refusal({ source: { ...scene.source, allowDirectPush: true } })).toMatchObject({
      reason: 'MergedByAgent',
    });
  });

  test('not a bot, but for a listed queue whose head a person with write access approved', async () => {
    await scene.merge(FIRST);
    await scene.follow();
    const { ada } = scene.people;
    await scene.merge(SECOND, { merger: queue, approvedBy: [ada] });
    expect(await scene.refusal()).toMatchObject({ reason: 'MergedByBot' });
    const source = { ...scene.source, mergeBots: ['merge-queue'] };
    expect(await scene.follow({ source })).toMatchObject({
      provenance: { pullRequest: { mergedBy: 'merge-queue[bot]' } },
    });
    await scene.merge(THIRD, { merger: queue, approvedBy: [stranger] });
    expect(await scene.refusal({ source })).toMatchObject({ reason: 'NotApproved' });
  });

  test('an approval of an older head, or one taken back, is none', async () => {
    const { ada } = scene.people;
    const source = { ...scene.source, mergeBots: ['merge-queue[bot]'] };
    const pull = await scene.propose([SECOND]);
    const place = { ...scene.at, pull_number: pull.number };
    await scene.as(ada).pulls.createReview({ ...place, event: 'APPROVE' });
    await scene.push(FIRST, scene.people.agent, pull.head.ref);
    await scene.as(queue).pulls.merge(place);
    expect(await scene.refusal({ source })).toMatchObject({ reason: 'NotApproved' });
    const next = await scene.propose([THIRD]);
    const there = { ...scene.at, pull_number: next.number };
    const { data: review } = await scene.as(ada).pulls.createReview({ ...there, event: 'APPROVE' });
    await scene.as(ada).pulls.dismissReview({ ...there, review_id: review.id, message: 'No.' });
    await scene.as(queue).pulls.merge(there);
    expect(await scene.refusal({ source })).toMatchObject({ reason: 'NotApproved' });
  });

  test('an approval by the agent is none', async () => {
    const source = { ...scene.source, mergeBots: ['merge-queue'] };
    await scene.merge(FIRST, { author: scene.people.ada, merger: queue, approvedBy: [scene.people.agent] });
    expect(await scene.refusal({ source })).toMatchObject({ reason: 'NotApproved' });
  });
});

describe('what did not come by a merge', () => {
  test('a direct push is refused, and with allowDirectPush it is not', async () => {
    await scene.merge(FIRST);
    await scene.follow();
    const commit = await scene.push(SECOND);
    const { reason, message } = await scene.refusal();
    expect([reason, message]).toEqual(['DirectPush', expect.stringContaining(commit.slice(0, 12))]);
    const source = { ...scene.source, allowDirectPush: true };
    expect(await scene.follow({ source })).toMatchObject({ provenance: { commit } });
  });

  test('a direct push stays refused under a later merge, until the settings that run are restored', async () => {
    await scene.merge(FIRST);
    await scene.follow();
    await scene.push(SECOND);
    await scene.merge(THIRD);
    expect(await scene.refusal()).toMatchObject({ reason: 'DirectPush' });
    await scene.merge(FIRST);
    expect(await scene.decide()).toMatchObject({ outcome: 'in-sync' });
    const { number } = await scene.merge(THIRD);
    expect(await scene.follow()).toMatchObject({ provenance: { pullRequest: { number } } });
  });

  test('a request that was merged into another branch, which was then pushed here, is refused', async () => {
    await scene.merge(FIRST);
    await scene.follow();
    await scene.repository.git.setRef('refs/heads/side', (await scene.repository.git.head('main'))!);
    const { sha } = await scene.merge(SECOND, { base: 'side' });
    await scene.repository.setBranch(scene.people.owner, 'main', sha);
    expect(await scene.refusal()).toMatchObject({ reason: 'MergedElsewhere' });
  });

  test('a rebase does not lend its name to a push in front of it', async () => {
    await scene.merge(FIRST);
    await scene.follow();
    const pull = await scene.propose([`# One\n${FIRST}`, `# Two\n${FIRST}`]);
    const commit = await scene.push(SECOND);
    const place = { ...scene.at, pull_number: pull.number };
    await scene.as(scene.people.ada).pulls.merge({ ...place, merge_method: 'rebase' });
    const { reason, message } = await scene.refusal();
    expect([reason, message]).toEqual(['DirectPush', expect.stringContaining(commit.slice(0, 12))]);
  });

  test('rewritten history is held, and the branch put back is not', async () => {
    await scene.merge(FIRST);
    const before = (await scene.repository.git.head('main'))!;
    await scene.follow();
    await scene.merge(SECOND);
    await scene.follow();
    const applied = (await scene.repository.git.head('main'))!;
    await scene.repository.setBranch(scene.people.owner, 'main', before);
    expect(await scene.refusal()).toMatchObject({ reason: 'HistoryRewritten', status: 'False' });
    await scene.merge(THIRD);
    expect(await scene.refusal()).toMatchObject({ reason: 'HistoryRewritten' });
    await scene.repository.setBranch(scene.people.owner, 'main', applied);
    expect(await scene.decide()).toMatchObject({ outcome: 'in-sync' });
  });

  test('a rewritten history that says what runs is rewritten all the same', async () => {
    await scene.merge(FIRST);
    const before = (await scene.repository.git.head('main'))!;
    await scene.merge(SECOND);
    await scene.merge(FIRST);
    await scene.follow();
    await scene.repository.setBranch(scene.people.owner, 'main', before);
    expect(await scene.refusal()).toMatchObject({ reason: 'HistoryRewritten' });
  });

  test('a history that swallows the old one by a second parent is rewritten, too', async () => {
    const root = (await scene.repository.git.head('main'))!;
    await scene.merge(FIRST);
    await scene.follow();
    const { git } = scene.repository;
    const old = (await git.head('main'))!;
    const forged = await scene.repository.commitFiles(scene.people.owner, [root], { [PATH]: THIRD }, 'Mine');
    const joined = await scene.repository.commitFiles(scene.people.owner, [forged, old], {}, 'Join');
    await scene.repository.setBranch(scene.people.owner, 'main', joined);
    expect(await scene.refusal()).toMatchObject({ reason: 'HistoryRewritten' });
  });
});

describe('what the document says', () => {
  test('an unsafe setting is refused with the rule', async () => {
    await scene.merge(FIRST);
    await scene.follow();
    await scene.merge(documentOf({ electionTimeoutMs: 400, heartbeatIntervalMs: 100 }));
    const { reason, message } = await scene.refusal();
    expect(reason).toBe('UnsafeSettings');
    expect(message).toContain(
      'Rule election-over-heartbeat: electionTimeoutMs 400 < 5 x heartbeatIntervalMs 100 = 500.',
    );
    await scene.merge(SECOND);
    expect(await scene.follow()).toMatchObject({ consensus: { electionTimeoutMs: 1200 } });
  });

  test('settings that ran healthy are restored even against a rule', async () => {
    const lastHealthy = resolveSettings('all', { electionTimeoutMs: 400 });
    await scene.merge(documentOf({ electionTimeoutMs: 400 }));
    expect(await scene.refusal()).toMatchObject({ reason: 'UnsafeSettings' });
    expect(await scene.follow({ lastHealthy })).toMatchObject({ settings: lastHealthy });
  });

  test.each([
    [
      'a duplicate document',
      `${FIRST}---\n${SECOND}`,
      'DuplicateDocument',
      /has 2 documents of AegisCluster shop\/orders/,
    ],
    [
      'an unknown field',
      documentOf({ electionTimeout: 1000 }),
      'InvalidSettings',
      /Did you mean electionTimeoutMs/,
    ],
    [
      'a number out of bounds',
      documentOf({ electionTimeoutMs: 10 }),
      'InvalidSettings',
      /from 50 to 50000, is 10/,
    ],
    ['broken YAML', `${FIRST}   x: [`, 'InvalidDocument', /Not valid YAML/],
    [
      'a document of another cluster',
      documentOf({}, 'other'),
      'DocumentMissing',
      /no document of AegisCluster shop\/orders/,
    ],
    [
      'one without a namespace',
      FIRST.replace('  namespace: shop\n', ''),
      'DocumentMissing',
      /write metadata.namespace: shop/,
    ],
    ['no UTF-8 for text', 'x'.repeat(300 * 1024), 'InvalidDocument', /more than 262144/],
  ])('%s is refused', async (_, content, reason, message) => {
    await scene.merge(content);
    expect(await scene.refusal()).toMatchObject({
      reason,
      message: expect.stringMatching(message),
      status: 'False',
    });
  });

  test('a file that goes is missed, and comes back by a merge', async () => {
    await scene.merge(FIRST);
    await scene.follow();
    await scene.push(null);
    expect(await scene.refusal()).toMatchObject({ reason: 'FileMissing' });
    await scene.merge(FIRST);
    expect(await scene.decide()).toMatchObject({ outcome: 'in-sync' });
  });

  test('another source begins anew', async () => {
    await scene.merge(FIRST);
    await scene.follow();
    const lastApplied = { ...scene.lastApplied!, path: 'elsewhere.yaml' };
    expect(await scene.decide({ lastApplied })).toMatchObject({ outcome: 'apply' });
  });
});
