import { expect, test } from '@jest/globals';

import { Compactor } from './compactor.js';

function world(appliedIndex: number, durableIndex: number, truncated = 0, neededAfter = Infinity) {
  const compacted: number[] = [];
  const failures: unknown[] = [];
  let fail: Error | undefined;
  const log = {
    truncation: { index: truncated },
    compact: async (to: number) => {
      if (fail !== undefined) throw fail;
      compacted.push(to);
    },
  };
  const compactor = new Compactor(
    log,
    { appliedIndex, durableIndex },
    { thresholdEntries: 100, retentionEntries: 200 },
    () => neededAfter,
    (error) => failures.push(error),
  );
  return { compactor, compacted, failures, failNext: (error?: Error) => (fail = error) };
}

test.each<[string, Parameters<typeof world>, number[]]>([
  ['keeps what followers may need', [1000, 990], [800]],
  ['never passes what the state holds durably', [1000, 300], [300]],
  ['keeps what follows a snapshot that is on its way', [1000, 990, 0, 400], [400]],
  ['waits until the threshold has gathered', [1000, 990, 701], []],
  ['compacts at the threshold', [1000, 990, 700], [800]],
  ['has nothing to do in a young log', [150, 150], []],
])('%s', (_what, state, expected) => {
  const { compactor, compacted } = world(...state);
  compactor.run();
  expect(compacted).toEqual(expected);
});

test('one at a time; a failure is told, and the next call tries again', async () => {
  const w = world(1000, 1000);
  w.compactor.run();
  w.compactor.run();
  expect(w.compacted).toEqual([800]);
  await Promise.resolve();
  w.failNext(new Error('full'));
  w.compactor.run();
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  expect(w.failures).toHaveLength(1);
  w.failNext();
  w.compactor.run();
  expect(w.compacted).toEqual([800, 800]);
});
