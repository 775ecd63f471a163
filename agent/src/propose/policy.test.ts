import { resolveSettings } from '@aegis/replica/settings';
import { describe, expect, test } from '@jest/globals';
import {
  decide,
  DEFAULT_POLICY,
  type Decision,
  type HistoryEntry,
  type OpenProposal,
  type PolicyConfig,
  type PolicyQuestion,
} from './policy.js';

const BASE = resolveSettings('all');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Wednesday, 12:34 UTC. */
const NOW = Date.parse('2026-03-04T12:34:00Z');
const PATCH = { electionTimeoutMs: 1_200 };

const open = (more: Partial<OpenProposal> = {}): OpenProposal => ({
  id: 'one',
  cluster: 'c1',
  family: 'timing',
  base: BASE,
  patch: PATCH,
  validUntil: NOW + DAY,
  ...more,
});
const was = (became: HistoryEntry['became'], at: number, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  cluster: 'c1',
  family: 'timing',
  patch: PATCH,
  at,
  became,
  ...more,
});

function ask(more: Partial<PolicyQuestion> = {}, config: Partial<PolicyConfig> = {}): Decision {
  const question = {
    now: NOW,
    cluster: 'c1',
    base: BASE,
    classes: ['ElectionStorm'],
    wanted: { family: 'timing', patch: PATCH },
    open: [],
    history: [],
    ...more,
  } as const;
  return decide(question, { ...DEFAULT_POLICY, ...config });
}

const publish = { kind: 'publish', validUntil: NOW + DEFAULT_POLICY.validMs };
const hold = (reason: string, until?: number) =>
  expect.objectContaining({ kind: 'hold', reason, ...(until === undefined ? {} : { until }) });

const { dwellMs, restMs } = DEFAULT_POLICY;

describe('whether a proposal is made', () => {
  const cases: readonly (readonly [string, Partial<PolicyQuestion>, Partial<PolicyConfig>, unknown])[] = [
    ['nothing stands in its way', {}, {}, publish],
    ['there is nothing to propose', { wanted: undefined }, {}, hold('NothingToPropose')],
    ['just this is open', { open: [open()] }, {}, { kind: 'keep', id: 'one' }],
    [
      'just this is open, and everything is muted',
      { open: [open()] },
      { mutes: [{ until: NOW + 1, why: 'x' }] },
      { kind: 'keep', id: 'one' },
    ],
    ['just this is open in another cluster', { open: [open({ cluster: 'c2' })] }, {}, publish],
    [
      'another family is open',
      { open: [open({ family: 'flow', patch: { maxInflightMessages: 300 } })] },
      {},
      publish,
    ],
    ['everything is muted', {}, { mutes: [{ until: NOW + HOUR, why: 'move' }] }, hold('Muted', NOW + HOUR)],
    ['a mute is over', {}, { mutes: [{ until: NOW, why: 'move' }] }, publish],
    ['this cluster is muted', {}, { mutes: [{ cluster: 'c1', until: NOW + 1, why: 'x' }] }, hold('Muted')],
    ['another cluster is muted', {}, { mutes: [{ cluster: 'c2', until: NOW + 1, why: 'x' }] }, publish],
    ['the family is muted', {}, { mutes: [{ family: 'timing', until: NOW + 1, why: 'x' }] }, hold('Muted')],
    ['another family is muted', {}, { mutes: [{ family: 'flow', until: NOW + 1, why: 'x' }] }, publish],
    [
      'the class is muted',
      {},
      { mutes: [{ class: 'ElectionStorm', until: NOW + 1, why: 'x' }] },
      hold('Muted'),
    ],
    ['another class is muted', {}, { mutes: [{ class: 'Overload', until: NOW + 1, why: 'x' }] }, publish],
    [
      'a mute fits in the cluster and not in the class',
      {},
      { mutes: [{ cluster: 'c1', class: 'Overload', until: NOW + 1, why: 'x' }] },
      publish,
    ],
    ['people work on it', {}, { windows: [{ from: NOW, to: NOW + HOUR }] }, hold('Maintenance', NOW + HOUR)],
    ['they have gone', {}, { windows: [{ from: NOW - HOUR, to: NOW }] }, publish],
    [
      'they work on it every Wednesday at noon',
      {},
      { windows: [{ weekday: 3, minuteOfDay: 12 * 60, minutes: 60 }] },
      hold('Maintenance', NOW + 26 * 60_000),
    ],
    ['until 12:34', {}, { windows: [{ weekday: 3, minuteOfDay: 12 * 60, minutes: 34 }] }, publish],
    ['on Thursdays', {}, { windows: [{ weekday: 4, minuteOfDay: 12 * 60, minutes: 60 }] }, publish],
    [
      'since Tuesday evening',
      {},
      { windows: [{ weekday: 2, minuteOfDay: 22 * 60, minutes: 24 * 60 }] },
      hold('Maintenance', NOW + (9 * 60 + 26) * 60_000),
    ],
    [
      'the windows end one after the other',
      {},
      {
        windows: [
          { from: NOW, to: NOW + 1 },
          { from: NOW, to: NOW + 9 },
        ],
      },
      hold('Maintenance', NOW + 9),
    ],
    [
      'a change was applied just now',
      { history: [was('Applied', NOW - dwellMs + 1)] },
      {},
      hold('Dwell', NOW + 1),
    ],
    [
      'a change of another family was',
      { history: [was('Applied', NOW - 1, { family: 'flow' })] },
      {},
      hold('Dwell'),
    ],
    ['a change was applied long ago', { history: [was('Applied', NOW - dwellMs)] }, {}, publish],
    ['another cluster was changed', { history: [was('Applied', NOW, { cluster: 'c2' })] }, {}, publish],
    [
      'a person closed just this',
      { history: [was('Closed', NOW - restMs + 1)] },
      {},
      hold('RefusedBefore', NOW + 1),
    ],
    ['it did not help', { history: [was('Rejected', NOW - 1)] }, {}, hold('RefusedBefore')],
    ['the trouble did not show', { history: [was('CannotReproduce', NOW - 1)] }, {}, hold('RefusedBefore')],
    ['a person closed it long ago', { history: [was('Closed', NOW - restMs)] }, {}, publish],
    [
      'a person closed another patch',
      { history: [was('Closed', NOW - 1, { patch: { electionTimeoutMs: 1_300 } })] },
      {},
      publish,
    ],
    [
      'nobody merged it before it expired',
      { history: [was('Expired', NOW - 1), was('Superseded', NOW - 1)] },
      {},
      publish,
    ],
  ];
  test.each(cases)('%s', (_, question, config, act) => {
    expect(ask(question, config).act).toEqual(act);
  });
});

describe('what becomes of those that are open', () => {
  const moved = { ...BASE, maxInflightMessages: 300 };
  const cases: readonly (readonly [string, Partial<PolicyQuestion>, Decision['end']])[] = [
    [
      'a newer one takes its place',
      { open: [open({ patch: { electionTimeoutMs: 1_100 } })] },
      [{ id: 'one', phase: 'Superseded', reason: 'NewerProposal' }],
    ],
    [
      'the settings that it was made for have changed',
      { open: [open({ base: moved })] },
      [{ id: 'one', phase: 'Superseded', reason: 'SettingsChanged' }],
    ],
    [
      'that also when there is nothing to propose',
      { open: [open({ base: moved })], wanted: undefined },
      [{ id: 'one', phase: 'Superseded', reason: 'SettingsChanged' }],
    ],
    [
      'nobody merged it',
      { open: [open({ validUntil: NOW })], wanted: undefined },
      [{ id: 'one', phase: 'Expired', reason: 'NobodyMerged' }],
    ],
    ['it waits', { open: [open()], wanted: undefined }, []],
    ['those of other clusters are left alone', { open: [open({ cluster: 'c2', validUntil: 0 })] }, []],
    ['those of other families are left alone', { open: [open({ family: 'flow' })] }, []],
    [
      'while nothing new is said, the old one stands',
      { open: [open({ patch: { electionTimeoutMs: 1_100 } })], history: [was('Applied', NOW)] },
      [],
    ],
  ];
  test.each(cases)('%s', (_, question, end) => {
    expect(ask(question).end).toEqual(end);
  });

  test('after an expiry the same is proposed anew', () => {
    expect(ask({ open: [open({ validUntil: NOW })] })).toEqual({
      end: [{ id: 'one', phase: 'Expired', reason: 'NobodyMerged' }],
      act: publish,
    });
  });
});
