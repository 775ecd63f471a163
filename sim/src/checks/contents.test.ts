import type { StateMachine } from '@aegis/replica/sim';
import { expect, test } from '@jest/globals';

import { reports } from './check-fixture.js';
import { ContentCheck } from './contents.js';

const holding = (index: number, hash: string): StateMachine =>
  ({ contentHash: async () => ({ index, hash }) }) as unknown as StateMachine;

test('members that hold different rows at one index are seen, now and then', async () => {
  const { report, broken } = reports();
  const check = new ContentCheck(report);
  check.applied(1, 200, holding(200, 'a'));
  check.applied(2, 200, holding(200, 'a'));
  check.applied(3, 400, holding(400, 'b'));
  // Not looked at.
  check.applied(2, 201, holding(200, 'c'));
  await Promise.resolve();
  expect(broken).toEqual([]);
  check.applied(3, 200, holding(200, 'b'));
  await Promise.resolve();
  expect(broken).toEqual(['members hold the same rows']);
});

test('rows that cannot be read are seen', async () => {
  const { report, broken } = reports();
  const unreadable = { contentHash: () => Promise.reject(new Error('gone')) } as unknown as StateMachine;
  new ContentCheck(report).compare(1, unreadable);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  expect(broken).toEqual(['rows can be read']);
});
