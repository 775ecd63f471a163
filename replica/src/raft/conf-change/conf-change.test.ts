import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Tracker } from '../tracker/tracker.js';
import { confStateOf, emptyConfig } from '../tracker/tracker-config.js';
import { emptyConfState, type ConfState } from '../types.js';
import { Changer, ConfChangeRefused, type Changed } from './changer.js';
import { confChangeOf, decodeConfChangeV1, decodeConfChangeV2, encodeConfChange } from './codec.js';
import { asV2, ConfChangeTransition, ConfChangeType, entersJoint, leavesJoint } from './conf-change.js';
import { restoreConfig } from './restore.js';

const voter = (nodeId: number) => ({ type: ConfChangeType.AddNode, nodeId });
const learner = (nodeId: number) => ({ type: ConfChangeType.AddLearnerNode, nodeId });
const remove = (nodeId: number) => ({ type: ConfChangeType.RemoveNode, nodeId });

function trackerOf(state: Partial<ConfState>): Tracker {
  const tracker = new Tracker(10, Infinity);
  const { config, progress } = restoreConfig(tracker, 7, { ...emptyConfState(), ...state });
  tracker.switchTo(config, progress);
  return tracker;
}

function changed(state: Partial<ConfState>, change: (changer: Changer) => Changed): ConfState {
  return confStateOf(change(new Changer(trackerOf(state), 7)).config);
}

describe('simple changes', () => {
  test('add, promote, demote and remove one', () => {
    const base = { voters: [1, 2], learners: [3] };
    expect(changed(base, (c) => c.simple([voter(4)]))).toMatchObject({ voters: [1, 2, 4], learners: [3] });
    expect(changed(base, (c) => c.simple([voter(3)]))).toMatchObject({ voters: [1, 2, 3], learners: [] });
    expect(changed(base, (c) => c.simple([learner(2)]))).toMatchObject({ voters: [1], learners: [2, 3] });
    expect(changed(base, (c) => c.simple([remove(2)]))).toMatchObject({ voters: [1], learners: [3] });
    expect(changed(base, (c) => c.simple([remove(9)]))).toMatchObject(base);
    expect(changed(base, (c) => c.simple([learner(4), learner(5)]))).toMatchObject({ learners: [3, 4, 5] });
  });

  test('two voters at once, the last voter, and anything while joint are refused', () => {
    for (const [state, changes] of [
      [{ voters: [1] }, [voter(2), voter(3)]],
      [{ voters: [1] }, [remove(1)]],
      [{ voters: [1, 2], votersOutgoing: [1] }, [voter(3)]],
    ] as const) {
      const base = {
        ...state,
        voters: [...state.voters],
        votersOutgoing: [1].slice(0, 'votersOutgoing' in state ? 1 : 0),
      };
      expect(() => changed(base, (c) => c.simple(changes))).toThrow(ConfChangeRefused);
    }
  });

  test('a withdrawn change is skipped, and a newcomer starts active at the end of the log', () => {
    expect(changed({ voters: [1] }, (c) => c.simple([remove(0)]))).toMatchObject({ voters: [1] });
    const { progress } = new Changer(trackerOf({ voters: [1] }), 7).simple([voter(2)]);
    expect(progress.get(2)).toMatchObject({ match: 0, next: 7, recentActive: true, isLearner: false });
  });
});

describe('joint changes', () => {
  test('enter: the old voters stay as outgoing half, a demoted one waits to be learner', () => {
    const joint = changed({ voters: [1, 2, 3], learners: [5] }, (c) =>
      c.enterJoint(true, [learner(3), voter(4), remove(5)]),
    );
    expect(joint).toEqual({
      voters: [1, 2, 4],
      votersOutgoing: [1, 2, 3],
      learners: [],
      learnersNext: [3],
      autoLeave: true,
    });
  });

  test('leave: the outgoing half goes, and who waited becomes learner', () => {
    const joint = { voters: [1, 2, 4], votersOutgoing: [1, 2, 3, 6], learnersNext: [3], learners: [5] };
    const { config, progress } = new Changer(trackerOf(joint), 7).leaveJoint();
    expect(confStateOf(config)).toMatchObject({
      voters: [1, 2, 4],
      votersOutgoing: [],
      learners: [3, 5],
      learnersNext: [],
    });
    expect(new Set(progress.keys())).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(progress.get(3)!.isLearner).toBe(true);
  });

  test('entering twice, leaving what is not joint, and joint from nothing are refused', () => {
    const joint = { voters: [1, 2], votersOutgoing: [1] };
    expect(() => changed(joint, (c) => c.enterJoint(false, [voter(3)]))).toThrow(ConfChangeRefused);
    expect(() => changed({ voters: [1] }, (c) => c.leaveJoint())).toThrow(ConfChangeRefused);
    expect(() => changed({}, (c) => c.enterJoint(false, [voter(3)]))).toThrow(ConfChangeRefused);
  });

  test('the active configuration is untouched by a change that is computed', () => {
    const tracker = trackerOf({ voters: [1, 2], learners: [3] });
    const before = confStateOf(tracker.config);
    new Changer(tracker, 7).simple([voter(3)]);
    expect(confStateOf(tracker.config)).toEqual(before);
    expect(tracker.progress.get(3)!.isLearner).toBe(true);
  });
});

test('restoring any reachable configuration gives it back', () => {
  const change = fc.record({
    type: fc.constantFrom(...Object.values(ConfChangeType)),
    nodeId: fc.integer({ min: 1, max: 6 }),
  });
  const batch = fc.record({
    joint: fc.boolean(),
    leave: fc.boolean(),
    changes: fc.array(change, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 12 }), (batches) => {
      const tracker = trackerOf({ voters: [1] });
      for (const { joint, leave, changes } of batches) {
        const changer = new Changer(tracker, 7);
        try {
          const next = leave
            ? changer.leaveJoint()
            : joint
              ? changer.enterJoint(true, changes)
              : changer.simple(changes);
          tracker.switchTo(next.config, next.progress);
        } catch (error) {
          if (!(error instanceof ConfChangeRefused)) throw error;
        }
        const state = confStateOf(tracker.config);
        const again = restoreConfig(new Tracker(10, Infinity), 7, state);
        expect(confStateOf(again.config)).toEqual(state);
        expect(new Set(again.progress.keys())).toEqual(new Set(tracker.ids));
      }
    }),
  );
});

describe('what a change means', () => {
  test('joint consensus: asked for, or more than one change', () => {
    const v2 = (transition: ConfChangeTransition, ...changes: ReturnType<typeof voter>[]) => ({
      transition,
      changes,
    });
    expect(entersJoint(v2(ConfChangeTransition.Auto, voter(1)))).toBeUndefined();
    expect(entersJoint(v2(ConfChangeTransition.Auto, voter(1), voter(2)))).toEqual({ autoLeave: true });
    expect(entersJoint(v2(ConfChangeTransition.JointImplicit, voter(1)))).toEqual({ autoLeave: true });
    expect(entersJoint(v2(ConfChangeTransition.JointExplicit, voter(1)))).toEqual({ autoLeave: false });
    expect(leavesJoint(v2(ConfChangeTransition.Auto))).toBe(true);
    expect(leavesJoint(v2(ConfChangeTransition.JointExplicit))).toBe(false);
    expect(leavesJoint(asV2(voter(1)))).toBe(false);
  });
});

describe('codec', () => {
  test('is the protobuf encoding of etcd, with every number of a change written', () => {
    expect(encodeConfChange(voter(5))).toEqual({ type: 1, data: Uint8Array.of(0x10, 0, 0x18, 5) });
    const v2 = {
      transition: ConfChangeTransition.JointExplicit,
      changes: [remove(300)],
      context: Uint8Array.of(7),
    };
    expect(encodeConfChange(v2)).toEqual({
      type: 2,
      data: Uint8Array.of(0x08, 2, 0x12, 5, 0x08, 1, 0x10, 0xac, 0x02, 0x1a, 1, 7),
    });
  });

  test('decoding undoes encoding, up to the largest ids', () => {
    const single = fc.record({
      type: fc.constantFrom(...Object.values(ConfChangeType)),
      nodeId: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    });
    const context = fc.option(fc.uint8Array({ minLength: 1 }), { nil: undefined });
    const v2 = fc.record({
      transition: fc.constantFrom(...Object.values(ConfChangeTransition)),
      changes: fc.array(single),
      context,
    });
    fc.assert(
      fc.property(v2, (change) => expect(decodeConfChangeV2(encodeConfChange(change).data)).toEqual(change)),
    );
    fc.assert(
      fc.property(single, context, (one, bytes) => {
        const change = { ...one, context: bytes };
        const { type, data } = encodeConfChange(change);
        expect(confChangeOf({ term: 1, index: 1, type, data })).toEqual(change);
      }),
    );
  });

  test('absent fields are zero, unknown ones are skipped, damage is noticed', () => {
    expect(decodeConfChangeV2(new Uint8Array(0))).toEqual({ transition: 0, changes: [], context: undefined });
    expect(decodeConfChangeV1(Uint8Array.of(0x78, 1, 0x18, 5))).toMatchObject({ type: 0, nodeId: 5 });
    expect(() => decodeConfChangeV1(Uint8Array.of(0x22, 9, 1))).toThrow();
    expect(() => decodeConfChangeV1(Uint8Array.of(0x18, 0x80))).toThrow();
  });
});

test('an empty configuration is what a new replica starts from', () => {
  expect(restoreConfig(new Tracker(1, 1), 0, emptyConfState()).config).toEqual(emptyConfig);
});
