import { describe, expect, test } from '@jest/globals';
import type { IncidentClass } from '../diagnose/index.js';
import { END_MS, NOTHING, track, type Look, type TrackerEvent, type Tracked } from './tracker.js';

const EVERY_MS = 5_000;
const BEGAN = Date.parse('2026-03-04T12:00:00Z');

/** One letter a look: `.` well, `?` nobody can tell, `D` DiskStall, `E` ElectionStorm, `B` both. */
function looks(script: string, from: Tracked = NOTHING) {
  let tracked = from;
  const events: { at: number; event: TrackerEvent }[] = [];
  script.split('').forEach((letter, index) => {
    const at = BEGAN + index * EVERY_MS;
    const names: readonly IncidentClass[] =
      letter === 'D'
        ? ['DiskStall']
        : letter === 'E'
          ? ['ElectionStorm']
          : letter === 'B'
            ? ['DiskStall', 'ElectionStorm']
            : [];
    const standing = names.map((name) => ({ class: name, onset: at - 3_000 }));
    const look: Look = { at, told: letter !== '?', standing };
    const { next, event } = track(tracked, look);
    tracked = next;
    if (event !== undefined) events.push({ at: index, event });
  });
  return { tracked, events, said: events.map(({ at, event }) => `${at} ${event.kind}`) };
}

describe('an incident', () => {
  test('opens when a class stands in two looks in a row, with the onset that the window tells', () => {
    const { said, events } = looks('..DD..');
    expect(said).toEqual(['3 opened']);
    expect(events[0]!.event.incident).toMatchObject({
      id: 'i-20260304t120015z',
      classes: ['DiskStall'],
      onset: BEGAN + 3 * EVERY_MS - 3_000,
    });
  });

  test('does not open for a class that stands in every other look', () => {
    expect(looks('D.D.D.D.D.D?D').said).toEqual([]);
  });

  test('is one while it lasts, however it flickers', () => {
    const { said, tracked } = looks(`DD${'..........D'.repeat(20)}`);
    expect(said).toEqual(['1 opened']);
    expect(tracked.open).toBeDefined();
  });

  test('takes on the classes that stand meanwhile, and never loses one', () => {
    const { said, events } = looks('DDEEBD');
    expect(said).toEqual(['1 opened', '2 joined']);
    expect(events[1]!.event.incident.classes).toEqual(['ElectionStorm', 'DiskStall']);
  });

  test('ends a minute after a class stood last, as of then', () => {
    const { said, events, tracked } = looks(`DDD${'.'.repeat(END_MS / EVERY_MS + 3)}`);
    expect(said).toEqual(['1 opened', '14 ended']);
    expect(events[1]!.event).toMatchObject({ endedAt: BEGAN + 2 * EVERY_MS });
    expect(tracked).toEqual(NOTHING);
  });

  test('does not end while nobody can tell; then it does', () => {
    expect(looks(`DD${'?'.repeat(100)}`).said).toEqual(['1 opened']);
    expect(looks(`DD${'?'.repeat(100)}.`).said).toEqual(['1 opened', '102 ended']);
  });

  test('after an end the next one is another one', () => {
    const { said, events } = looks(`DD${'.'.repeat(20)}EE`);
    expect(said).toEqual(['1 opened', '13 ended', '23 opened']);
    expect(new Set(events.map(({ event }) => event.incident.id)).size).toBe(2);
  });

  test('goes on after a restart, from what was kept', () => {
    const kept = JSON.parse(JSON.stringify(looks('DD').tracked)) as Tracked;
    expect(looks('D..D', { open: kept.open, streak: 0 }).said).toEqual([]);
  });
});
