import { expect, test } from '@jest/globals';
import type { Member } from '@aegis/proto/v1/cluster';
import type { MemberState } from './cluster-folder.js';
import { nextStep, type Standing, type Step } from './replacement.js';

const OLD = 'a'.repeat(32);
const NEW = 'b'.repeat(32);

const place: MemberState = {
  id: 2,
  name: 'aegis-2',
  clientAddress: '127.0.0.1:4420',
  peerAddress: '127.0.0.1:4421',
  metricsAddress: '127.0.0.1:4422',
  process: null,
};

function member(id: number, nonce: string, state: string, at = place): Member {
  const { name, peerAddress, clientAddress, metricsAddress } = at;
  const seen = { learner: state === 'learner', matchIndex: 0, recentlyActive: true };
  return { id, nonce, state, name, peerAddress, clientAddress, metricsAddress, ...seen };
}

const others = [
  member(1, 'c'.repeat(32), 'voter', { ...place, peerAddress: '127.0.0.1:4411' }),
  member(3, 'd'.repeat(32), 'voter', { ...place, peerAddress: '127.0.0.1:4431' }),
];
const joining: Standing = { state: 'joining', nonce: NEW, memberId: null };
const standing = (nonce: string, memberId: number): Standing => ({ state: 'member', nonce, memberId });

test.each<[string, Standing, Member[], Step]>([
  ['a voter that is what it was', standing(OLD, 2), [member(2, OLD, 'voter')], { kind: 'settled', id: 2 }],
  ['a new folder: its old member goes', joining, [member(2, OLD, 'voter')], { kind: 'remove', id: 2 }],
  ['a new folder of a learner', joining, [member(2, OLD, 'learner')], { kind: 'remove', id: 2 }],
  ['the old member is gone', joining, [], { kind: 'add', nonce: NEW }],
  ['added, and does not know it yet', joining, [member(6, NEW, 'learner')], { kind: 'promote', id: 6 }],
  ['added, and knows', standing(NEW, 6), [member(6, NEW, 'learner')], { kind: 'promote', id: 6 }],
  ['promoted', standing(NEW, 6), [member(6, NEW, 'voter')], { kind: 'settled', id: 6 }],
  ['half way in by joint consensus', standing(NEW, 6), [member(6, NEW, 'entering')], { kind: 'wait' }],
  ['a member that somebody removed is not brought back', standing(OLD, 2), [], { kind: 'wait' }],
])('%s', (_name, said, here, step) => {
  expect(nextStep(place, said, [...others, ...here])).toEqual(step);
});
