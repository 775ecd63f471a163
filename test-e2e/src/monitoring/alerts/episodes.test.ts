import { expect, test } from '@jest/globals';
import { ALERT_GROUPS, faultOf } from '@aegis/monitoring';

import { alertTable } from '../table.js';
import { episodesOf } from './episodes.js';

const all = ALERT_GROUPS.flatMap(({ alerts }) => alerts.map(({ name }) => name));

test('each alert belongs to one fault, and each fault comes once', () => {
  const episodes = episodesOf(ALERT_GROUPS);
  const told = episodes.flatMap(({ alerts }) => alerts);
  expect(told.toSorted()).toEqual(all.toSorted());
  const faults = episodes.map(({ trigger }) => faultOf(trigger));
  expect(new Set(faults).size).toBe(faults.length);
});

test('the table has a line for each alert, with what it did', () => {
  const outcomes = new Map([
    ['AegisNoLeader', { kind: 'fired', afterMs: 7_400 }],
    ['AegisDiskFull', { kind: 'not', why: 'it did not fire' }],
  ] as const);
  const lines = alertTable(ALERT_GROUPS, new Set(['AegisClockOff']), outcomes).split('\n');
  expect(lines).toHaveLength(all.length + 1);
  const line = (name: string): string => lines.find((each) => each.startsWith(`${name} `))!;
  expect(line('AegisNoLeader')).toMatch(/silent +fired after 7 s +no-quorum/);
  expect(line('AegisDiskFull')).toContain('DID NOT FIRE: it did not fire');
  expect(line('AegisClockOff')).toMatch(/FIRED +not tried/);
  expect(line('AegisCorruptAlarm')).toMatch(/silent +not tried +two replicas of four/);
});
