import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isVoter, jointCommitted, jointVote, jointVoters } from './joint.js';
import { majorityCommitted, majorityVote, VoteResult } from './majority.js';

const ids = fc
  .uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 7 })
  .map((list) => list.sort((a, b) => a - b));
const acks = fc.array(fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }), {
  minLength: 10,
  maxLength: 10,
});
const votes = fc.array(fc.option(fc.boolean(), { nil: undefined }), { minLength: 10, maxLength: 10 });

function lookup(list: (number | undefined)[]) {
  return { acked: (id: number) => list[id] };
}

function voteMap(list: (boolean | undefined)[]): Map<number, boolean> {
  return new Map([...list.entries()].filter((pair): pair is [number, boolean] => pair[1] !== undefined));
}

describe('majority', () => {
  test('commits the highest index that more than half acknowledged', () => {
    fc.assert(
      fc.property(ids, acks, (config, list) => {
        const held = (index: number) =>
          config.filter((id) => (list[id] ?? 0) >= index).length * 2 > config.length;
        const expected = config.length === 0 ? Infinity : [5, 4, 3, 2, 1, 0].find(held)!;
        expect(majorityCommitted(config, lookup(list))).toBe(expected);
      }),
    );
  });

  test('a vote is won or lost exactly when no missing vote can change it', () => {
    fc.assert(
      fc.property(ids, votes, (config, list) => {
        const outcome = (missing: boolean) =>
          config.length === 0 || config.filter((id) => list[id] ?? missing).length * 2 > config.length;
        const expected = outcome(false)
          ? VoteResult.Won
          : outcome(true)
            ? VoteResult.Pending
            : VoteResult.Lost;
        expect(majorityVote(config, voteMap(list))).toBe(expected);
      }),
    );
  });
});

describe('joint', () => {
  test('needs both halves, and an empty half agrees', () => {
    fc.assert(
      fc.property(ids, ids, acks, votes, (incoming, outgoing, list, cast) => {
        const config = { incoming, outgoing };
        const halves = [incoming, outgoing];
        expect(jointCommitted(config, lookup(list))).toBe(
          Math.min(...halves.map((half) => majorityCommitted(half, lookup(list)))),
        );
        const results = halves.map((half) => majorityVote(half, voteMap(cast)));
        const expected = results.includes(VoteResult.Lost)
          ? VoteResult.Lost
          : results.includes(VoteResult.Pending)
            ? VoteResult.Pending
            : VoteResult.Won;
        expect(jointVote(config, voteMap(cast))).toBe(expected);
        for (const id of jointVoters(config)) expect(isVoter(config, id)).toBe(true);
        expect(jointVoters(config)).toHaveLength(new Set([...incoming, ...outgoing]).size);
      }),
    );
  });
});
