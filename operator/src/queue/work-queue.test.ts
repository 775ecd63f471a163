import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { WorkQueue } from './work-queue.js';
import { runWorkers } from './workers.js';

let queue: WorkQueue;
beforeEach(() => {
  jest.useFakeTimers();
  queue = new WorkQueue({ pauseMsMin: 100, pauseMsMax: 1_000 });
});
afterEach(() => {
  queue.close();
  jest.useRealTimers();
});

async function taken(): Promise<string[]> {
  const keys: string[] = [];
  const before = queue.length;
  for (let i = 0; i < before; i++) keys.push((await queue.take())!);
  return keys;
}

test('a key waits once, however often it is added, and in the order of the first time', async () => {
  for (const key of ['a', 'b', 'a', 'a', 'b']) queue.add(key);
  expect(await taken()).toEqual(['a', 'b']);
});

test('a key is not handed out twice at a time; added meanwhile, it comes again when it is done', async () => {
  queue.add('a');
  expect(await queue.take()).toBe('a');
  queue.add('a');
  queue.add('a');
  let second: string | undefined;
  void queue.take().then((key) => (second = key));
  await Promise.resolve();
  expect(second).toBeUndefined();
  queue.done('a');
  await Promise.resolve();
  expect(second).toBe('a');
  queue.done('a');
  expect(queue.length).toBe(0);
});

test('a failing key waits twice as long each time up to the limit; success forgets that', () => {
  const pauses = Array.from({ length: 6 }, () => queue.addFailed('a'));
  expect(pauses).toEqual([100, 200, 400, 800, 1000, 1000]);
  expect(queue.addFailed('b')).toBe(100);
  queue.forget('a');
  expect(queue.addFailed('a')).toBe(100);
});

test('the earliest of several times counts, and an addition now before all of them', () => {
  queue.addAfter('a', 500);
  queue.addAfter('a', 200);
  queue.addAfter('a', 900);
  jest.advanceTimersByTime(199);
  expect(queue.length).toBe(0);
  jest.advanceTimersByTime(1);
  expect(queue.length).toBe(1);
  queue.addAfter('b', 300);
  queue.add('b');
  jest.advanceTimersByTime(1000);
  expect(queue.length).toBe(2);
});

test('a closed queue hands out nothing, and lets go of who waits', async () => {
  const waiting = queue.take();
  queue.addAfter('late', 10);
  queue.close();
  expect(await waiting).toBeUndefined();
  queue.add('a');
  jest.advanceTimersByTime(20);
  expect(await queue.take()).toBeUndefined();
});

test('workers: a failure concerns its key alone, and each key is worked on by one at a time', async () => {
  jest.useRealTimers();
  const busy = new Set<string>();
  const seen: string[] = [];
  const failed: string[] = [];
  const quick = new WorkQueue({ pauseMsMin: 1, pauseMsMax: 5 });
  const done = runWorkers(
    quick,
    async (key) => {
      expect(busy.has(key)).toBe(false);
      busy.add(key);
      await new Promise((resolve) => setTimeout(resolve, 2));
      busy.delete(key);
      seen.push(key);
      if (key === 'bad' && seen.filter((each) => each === 'bad').length < 3) throw new Error('not yet');
      return key === 'again' && seen.filter((each) => each === 'again').length < 2 ? { againAfterMs: 1 } : {};
    },
    { workers: 4, onFailure: (key) => failed.push(key) },
  );
  for (let i = 0; i < 20; i++) for (const key of ['good', 'bad', 'again']) quick.add(key);
  await new Promise((resolve) => setTimeout(resolve, 150));
  quick.close();
  await done;
  expect(failed).toEqual(['bad', 'bad']);
  expect(seen.filter((key) => key === 'bad').length).toBeGreaterThanOrEqual(3);
  expect(seen.filter((key) => key === 'again').length).toBeGreaterThanOrEqual(2);
});
