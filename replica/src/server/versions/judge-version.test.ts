import { expect, test } from '@jest/globals';

import type { Membership } from '../../state/index.js';
import { judgeVersion } from './judge-version.js';

const members = [1, 2, 3].map((id) => ({
  id,
  nonce: String(id).padStart(32, '0'),
  name: `aegis-${id}`,
  peerAddress: `peer-${id}:1`,
  clientAddress: `client-${id}:1`,
  metricsAddress: `metrics-${id}:1`,
  learner: id === 3,
}));
const membership: Membership = {
  clusterId: 'c',
  members,
  confState: { voters: [1, 2], learners: [3], votersOutgoing: [], learnersNext: [], autoLeave: false },
  removedNonces: [],
  nextMemberId: 4,
};

function judged(version: number, own: number, others: Readonly<Record<number, number>>): string | undefined {
  return judgeVersion(version, { self: 1, own, membership, of: (id) => others[id] })?.message;
}

test('a version that every member knows is let through', () => {
  expect(judged(2, 2, { 2: 2, 3: 3 })).toBeUndefined();
});

test('a member that does not know it, be it a learner, stands in the way, and so does one that is away', () => {
  expect(judged(2, 2, { 2: 2, 3: 1 })).toContain('member 3 (aegis-3) knows 1');
  expect(judged(2, 1, { 2: 2, 3: 2 })).toContain('member 1 (aegis-1) knows 1');
  const both = judged(3, 3, { 2: 2 });
  expect(both).toContain(
    'state machine version 3: member 2 (aegis-2) knows 2, member 3 (aegis-3) is not connected',
  );
});
