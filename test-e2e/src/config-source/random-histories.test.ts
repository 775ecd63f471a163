import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startForge, type Forge } from '../forge/index.js';
import { documentOf, Scene } from './scene.js';

const STEPS = 12;
const TIMEOUTS = [1000, 1100, 1200];

let forge: Forge;
beforeAll(async () => {
  forge = await startForge();
});
afterAll(() => forge.close());

/** A small generator, so that a seed makes the same history everywhere (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What the branch is, to the model: the timeout after each change, and whether a person merged it. */
interface Change {
  readonly timeout: number | undefined;
  readonly good: boolean;
}

/** The settings that run, and the changes since; said as plainly as the page for users says it. */
function expected(changes: readonly Change[], running: number | undefined) {
  const head = changes.at(-1)?.timeout;
  if (head === undefined) return 'hold';
  if (head === running) return 'in-sync';
  const base = running === undefined ? -1 : changes.map(({ timeout }) => timeout).lastIndexOf(running);
  const since = running === undefined ? changes.slice(-1) : changes.slice(base + 1);
  return since.every(({ good }) => good) ? 'apply' : 'hold';
}

test.each([1, 2])(
  'random history %i: each look decides as the page for users says',
  async (seed) => {
    const random = randomOf(seed);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
    const scene = await Scene.begin(forge, `random-${seed}`);
    const { ada, agent, owner } = scene.people;
    const changes: Change[] = [];
    let running: number | undefined;
    const outcomes: string[] = [];
    for (let step = 0; step < STEPS; step++) {
      const timeout = pick(TIMEOUTS);
      const before = changes.at(-1)?.timeout;
      // What changes nothing of the settings is no change, however it comes; a comment makes it a commit all the same.
      const content = `# Step ${step}\n${documentOf({ electionTimeoutMs: timeout })}`;
      const note = (timeout: number | undefined, good: boolean) => {
        if (timeout !== changes.at(-1)?.timeout) changes.push({ timeout, good });
      };
      const way = pick(['person', 'person', 'person', 'agent', 'push', 'other file', 'gone', 'two']);
      if (way === 'push') {
        await scene.push(content);
        note(timeout, false);
      } else if (way === 'other file')
        await scene.repository.push(owner, 'main', { 'README.md': `Step ${step}\n` });
      else if (way === 'gone' && before !== undefined) {
        await scene.push(null);
        note(undefined, false);
      } else if (way === 'two') {
        const other = pick(TIMEOUTS);
        const method = pick(['merge', 'squash', 'rebase'] as const);
        await scene.merge([`# First\n${documentOf({ electionTimeoutMs: other })}`, content], { method });
        // Only a rebase leaves the commit in between on the branch.
        if (method === 'rebase') note(other, true);
        note(timeout, true);
      } else {
        const merger = way === 'agent' ? agent : ada;
        await scene.merge(content, { merger, method: pick(['merge', 'squash', 'rebase'] as const) });
        note(timeout, merger === ada);
      }
      const decision = await scene.decide();
      const wanted = expected(changes, running);
      expect({ step, way, outcome: decision.outcome }).toEqual({ step, way, outcome: wanted });
      outcomes.push(decision.outcome);
      if (decision.outcome !== 'apply') continue;
      expect(decision.consensus).toEqual({ electionTimeoutMs: changes.at(-1)!.timeout });
      await scene.follow();
      running = changes.at(-1)!.timeout;
    }
    expect(new Set(outcomes).size).toBeGreaterThan(1);
  },
  120_000,
);
