import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ruleOn, type Authority } from './authority.js';
import { fingerprintOf, type Reading } from './document.js';
import type { Account, ChainCommit, Forge } from './forge.js';
import { readHistory, type LastApplied, type Readings } from './history.js';
import { judge } from './judge.js';

const AUTHORITY: Authority = {
  repository: 'acme/settings',
  branch: 'main',
  allowDirectPush: false,
  mergeBots: [],
  agentLogins: ['tuner'],
};
const CLUSTER = { namespace: 'shop', name: 'orders', profile: 'all' as const, replicas: 5 };
const PERSON = { login: 'ada', type: 'User' };
const AGENT = { login: 'Tuner', type: 'User' };
const LIMITS = { walk: 1000, fresh: 1000 };

/** One step of the branch: what the settings are afterwards, and how it came. */
interface Step {
  readonly timeout: number;
  /** push, or the commits of one request (one by merge or squash, more by rebase). */
  readonly by:
    | 'push'
    | { readonly merger: Account; readonly timeouts: readonly number[]; readonly method: 'merge' | 'rebase' };
  /** Whether the forge also names requests that have nothing to do with it. */
  readonly misleading: boolean;
}

const timeout = fc.constantFrom(1000, 1100, 1200);
const step: fc.Arbitrary<Step> = fc.record({
  timeout,
  by: fc.oneof(
    fc.constant('push' as const),
    fc.record({
      merger: fc.constantFrom<Account>(PERSON, PERSON, PERSON, AGENT),
      timeouts: fc.array(timeout, { maxLength: 3 }),
      method: fc.constantFrom('merge' as const, 'rebase' as const),
    }),
  ),
  misleading: fc.boolean(),
});
const steps = fc.array(step, { minLength: 1, maxLength: 14 });

interface Placed {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly timeout: number;
  /** Whether a person's merge put it here; the model's own word. */
  readonly good: boolean;
  readonly requests: readonly number[];
}

/** The branch as commits, oldest first, and the requests; side branches have settings of their own that never count. */
function build(steps: readonly Step[]) {
  const chain: Placed[] = [];
  const side = new Map<string, ChainCommit>();
  const requests = new Map<number, { merger: Account; mergeCommit: string; commits: number }>();
  const shaOf = (n: number, line: string) => line + String(n).padStart(39, '0');
  for (const { timeout, by, misleading } of steps) {
    const before = chain.at(-1)?.sha;
    const parents = before === undefined ? [] : [before];
    // Together with the true one as many as are looked at.
    const lies = misleading ? [...requests.keys()].slice(-9) : [];
    if (by === 'push') {
      chain.push({ sha: shaOf(chain.length, 'a'), parents, timeout, good: false, requests: lies });
      continue;
    }
    const number = requests.size + 1;
    const good = by.merger === PERSON;
    if (by.method === 'merge') {
      const sha = shaOf(chain.length, 'a');
      const other = shaOf(chain.length, 'b');
      side.set(other, { sha: other, parents });
      chain.push({
        sha,
        parents: before === undefined ? [] : [before, other],
        timeout,
        good,
        requests: [...lies, number],
      });
    } else {
      for (const each of [...by.timeouts, timeout]) {
        const last = chain.at(-1)?.sha;
        const sha = shaOf(chain.length, 'a');
        chain.push({
          sha,
          parents: last === undefined ? [] : [last],
          timeout: each,
          good,
          requests: [...lies, number],
        });
      }
    }
    const commits = by.method === 'merge' ? 1 : by.timeouts.length + 1;
    requests.set(number, { merger: by.merger, mergeCommit: chain.at(-1)!.sha, commits });
  }
  return { chain, side, requests };
}

function settings(timeout: number): Reading {
  const consensus = { electionTimeoutMs: timeout };
  return { kind: 'settings', consensus, notes: [], fingerprint: fingerprintOf(consensus) };
}

/** A forge that gives so many commits at once, and readings that are remembered. */
function forgeOf({ chain, side, requests }: ReturnType<typeof build>, pageSize: number) {
  const bySha = new Map<string, ChainCommit>(
    [...chain, ...side.values()].map((commit) => [commit.sha, commit]),
  );
  const known = new Map<string, Reading>();
  let fresh = 0;
  const readings: Readings = {
    get fresh() {
      return fresh;
    },
    at: async (sha) => {
      const placed = chain.find((commit) => commit.sha === sha);
      if (placed === undefined) throw new Error(`${sha} is no first parent`);
      if (!known.has(sha)) fresh += 1;
      known.set(sha, settings(placed.timeout));
      return settings(placed.timeout);
    },
  };
  const forge: Forge = {
    head: async () => chain.at(-1)!.sha,
    commits: async (from) => {
      const page: ChainCommit[] = [];
      const queue = [from];
      while (page.length < pageSize && queue.length > 0) {
        const commit = bySha.get(queue.shift()!)!;
        page.push(commit);
        queue.push(...commit.parents);
      }
      return page;
    },
    file: async () => ({ kind: 'missing' }),
    descends: async () => true,
    pullRequestsOf: async (sha) => chain.find((commit) => commit.sha === sha)!.requests,
    pullRequest: async (number) => {
      const { merger, mergeCommit, commits } = requests.get(number)!;
      const place = { baseRepository: 'Acme/Settings', baseBranch: 'main', head: 'c'.repeat(40) };
      return {
        number,
        url: `https://x/${number}`,
        merged: true,
        mergedBy: merger,
        mergeCommit,
        commits,
        ...place,
      };
    },
    reviews: async () => [],
    mayWrite: async () => false,
  };
  return { forge, readings };
}

/** What the design says, written down plainly: oldest to newest, from the newest commit that says what runs. */
function expected(chain: readonly Placed[], last: number | undefined) {
  const changed = chain.map((commit, i) => i === 0 || commit.timeout !== chain[i - 1]!.timeout);
  if (last !== undefined && chain.at(-1)!.timeout === last) return { outcome: 'in-sync' };
  const base = last === undefined ? -1 : chain.map(({ timeout }) => timeout).lastIndexOf(last);
  if (last !== undefined && base === -1) return { outcome: 'hold', reason: 'HistoryRewritten' };
  const since = chain.filter((_, i) => i > base && changed[i]);
  const relevant = last === undefined ? since.slice(-1) : since;
  if (relevant.some(({ good }) => !good)) return { outcome: 'hold' };
  return {
    outcome: 'apply',
    commit: relevant.at(-1)!.sha,
    changes: relevant.map(({ sha }) => sha).reverse(),
  };
}

describe('the walk over random histories', () => {
  const last = fc.option(timeout, { nil: undefined });

  test('judges as the design says, whatever the size of the pages and whatever else the forge names', async () => {
    const seen = { apply: 0, hold: 0, 'in-sync': 0 };
    await fc.assert(
      fc.asyncProperty(steps, last, fc.integer({ min: 1, max: 9 }), async (steps, last, pageSize) => {
        const world = build(steps);
        const { forge, readings } = forgeOf(world, pageSize);
        const applied: LastApplied | undefined =
          last === undefined
            ? undefined
            : { commit: 'd'.repeat(40), fingerprint: settings(last).fingerprint };
        const head = world.chain.at(-1)!.sha;
        const history = await readHistory(forge, readings, head, applied, () => false, LIMITS);
        const standards = { cluster: CLUSTER, authority: AUTHORITY, lastHealthy: undefined, verified: [] };
        const verdict = judge(history, { ...standards, lastFingerprint: applied?.fingerprint });
        const wanted = expected(world.chain, last);
        expect(verdict.outcome).toBe(wanted.outcome);
        if (wanted.reason !== undefined)
          expect(verdict).toMatchObject({ condition: { reason: wanted.reason } });
        if (verdict.outcome === 'apply') {
          expect(history.changes.map(({ commit }) => commit)).toEqual(wanted.changes);
          expect(verdict.provenance.commit).toBe(wanted.commit);
          expect(verdict.provenance.pullRequest?.mergedBy).toBe('ada');
        }
        seen[verdict.outcome] += 1;
      }),
      { numRuns: 1000 },
    );
    // Each is met often enough to mean something.
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(50);
  });

  test('read little by little, it comes to the same end', async () => {
    await fc.assert(
      fc.asyncProperty(steps, timeout, fc.integer({ min: 1, max: 4 }), async (steps, timeout, fresh) => {
        const world = build(steps);
        const applied = { commit: 'd'.repeat(40), fingerprint: settings(timeout).fingerprint };
        const head = world.chain.at(-1)!.sha;
        const whole = forgeOf(world, 5);
        const inOne = await readHistory(whole.forge, whole.readings, head, applied, () => false, LIMITS);
        const { forge, readings } = forgeOf(world, 5);
        for (let rounds = 1; ; rounds++) {
          const limits = { ...LIMITS, fresh };
          const history = await readHistory(forge, readings, head, applied, () => false, limits);
          if (history.end !== 'unfinished') {
            expect(history).toEqual(inOne);
            return;
          }
          expect(history.changes).toEqual([]);
          expect(rounds).toBeLessThanOrEqual(world.chain.length + 1);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('does not go on for ever', async () => {
    const world = build(
      Array.from({ length: 50 }, () => ({ timeout: 1000, by: 'push' as const, misleading: false })),
    );
    const { forge, readings } = forgeOf(world, 5);
    const applied = { commit: 'd'.repeat(40), fingerprint: settings(1200).fingerprint };
    const head = world.chain.at(-1)!.sha;
    const history = await readHistory(forge, readings, head, applied, () => false, { walk: 20, fresh: 1000 });
    expect([history.end, history.walked]).toEqual(['too-long', 20]);
    const standards = { cluster: CLUSTER, authority: AUTHORITY, lastHealthy: undefined, verified: [] };
    const verdict = judge(history, { ...standards, lastFingerprint: applied.fingerprint });
    expect(verdict).toMatchObject({ outcome: 'hold', condition: { reason: 'HistoryTooLong' } });
  });
});

test('a request without a merger is nobody’s merge', () => {
  const request = {
    number: 1,
    url: 'https://x/1',
    merged: true,
    mergedBy: null,
    mergeCommit: 'a',
    commits: 1,
    covers: true,
    reviews: [],
    baseRepository: 'acme/settings',
    baseBranch: 'main',
    head: 'c',
  };
  expect(ruleOn({ commit: 'a', pullRequests: [request] }, AUTHORITY)).toMatchObject({
    reason: 'MergerUnknown',
  });
});
