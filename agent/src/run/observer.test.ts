import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecording } from '../telemetry/index.js';
import { scripted, type Facts } from '../testing/cluster.js';
import { AgentFolder } from './agent-folder.js';
import { GATHER_MS, Observer } from './observer.js';
import { roundsOf, standingOf } from './testing.js';
import { WINDOW_MS } from './sliding-window.js';

const BEGAN = Date.parse('2026-03-04T12:00:00Z');
const EVERY = 5;

let path: string;
let folder: AgentFolder;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'aegis-observer-'));
  folder = new AgentFolder(path);
});
afterEach(() => rmSync(path, { recursive: true }));

/** A full disk from one second to another. */
function cluster(seconds: number, ...spans: readonly (readonly [number, number])[]) {
  const replica = (second: number, at: number): Partial<Facts> => {
    const bad = spans.some(([from, to]) => second >= from && second < to);
    return at === 3 && bad ? { diskFull: true } : {};
  };
  return roundsOf(scripted({ seconds, everySeconds: EVERY, replica }));
}

const observer = () => new Observer({ folder, scrapeMs: EVERY * 1_000, log: () => undefined });
const incidents = () => folder.names('incidents').map((name) => folder.read('incidents', name)!);

describe('watching', () => {
  test('a cluster that is well leaves nothing', () => {
    const one = observer();
    for (const round of cluster(400)) one.round(standingOf(), round, BEGAN);
    expect(incidents()).toEqual([]);
  });

  test('a fault is one incident, laid out to be worked on while it lasts, and ended when it is over', () => {
    const one = observer();
    const kinds: string[] = [];
    for (const round of cluster(400, [100, 200])) {
      const event = one.round(standingOf(), round, BEGAN);
      if (event !== undefined) kinds.push(`${round[0]!.atMs / 1_000} ${event.kind}`);
      const open = incidents()[0];
      if (open === undefined) continue;
      const due = BEGAN + round[0]!.atMs - open.openedAt >= GATHER_MS;
      expect(folder.names('work')).toEqual(due ? [open.id] : []);
    }
    expect(kinds).toHaveLength(2);
    expect(incidents()).toMatchObject([
      { classes: ['DiskStall'], onset: BEGAN + 100_000, endedAt: expect.any(Number) },
    ]);
    const work = folder.read('work', incidents()[0]!.id)!;
    expect(work).toMatchObject({
      profile: 'all',
      replicas: 5,
      quorumMargin: 2,
      target: { cluster: 'orders' },
    });
    const { scrapes } = readRecording(folder.read('recordings', work.id)!.recording, 'work');
    expect(scrapes[0]!.atMs).toBe(0);
    expect(work.beganAt + scrapes.at(-1)!.atMs).toBeGreaterThanOrEqual(BEGAN + 100_000 + GATHER_MS);
    expect(scrapes.at(-1)!.atMs).toBeLessThanOrEqual(WINDOW_MS);
  });

  test('one that is over before enough was gathered is laid out at its end', () => {
    const one = observer();
    for (const round of cluster(300, [100, 112])) one.round(standingOf(), round, BEGAN);
    const [incident] = incidents();
    expect(folder.names('work')).toEqual([incident!.id]);
    expect(incident!.endedAt).toBeDefined();
  });

  test('two faults with well minutes between them are two, and the first is no part of the second', () => {
    const one = observer();
    for (const round of cluster(500, [100, 160], [350, 420])) one.round(standingOf(), round, BEGAN);
    expect(incidents()).toHaveLength(2);
    const second = folder.read('work', incidents()[1]!.id)!;
    expect(second.beganAt).toBeGreaterThan(incidents()[0]!.endedAt!);
  });

  test('a restart while it lasts goes on with the same one', () => {
    let one = observer();
    for (const round of cluster(500, [100, 260])) {
      if (round[0]!.atMs === 120_000 || round[0]!.atMs === 290_000) one = observer();
      one.round(standingOf(), round, BEGAN);
    }
    expect(incidents()).toHaveLength(1);
    expect(incidents()[0]!.endedAt).toBeDefined();
    expect(folder.names('work')).toHaveLength(1);
  });

  test('a replica that is another member now begins the window anew', () => {
    const one = observer();
    const members = standingOf().members.map((each, at) => (at === 3 ? { ...each, id: 6 } : each));
    for (const round of cluster(140, [100, 400])) {
      const changed = round[0]!.atMs >= 105_000;
      one.round(standingOf(changed ? { members } : {}), round, BEGAN);
    }
    const work = folder.names('work').map((name) => folder.read('work', name)!);
    for (const { beganAt } of work) expect(beganAt).toBeGreaterThanOrEqual(BEGAN + 105_000);
  });

  test('restarts for a merged change are no part of an incident that follows; one that waits to be laid out keeps its beginning', () => {
    const begins = (changingFrom: number, changingTo: number): number => {
      const one = observer();
      for (const round of cluster(200, [100, 190])) {
        const second = round[0]!.atMs / 1_000;
        const changing = second >= changingFrom && second < changingTo;
        one.round(standingOf(changing ? { settings: undefined } : {}), round, BEGAN);
      }
      return (folder.read('work', folder.names('work').at(-1)!)!.beganAt - BEGAN) / 1_000;
    };
    expect(begins(40, 60)).toBe(60);
    rmSync(path, { recursive: true });
    folder = new AgentFolder(path);
    expect(begins(100, 115)).toBe(0);
  });

  test('a file that somebody broke is named', () => {
    writeFileSync(join(path, 'incidents', 'i-1.json'), '{');
    expect(observer).toThrow(/i-1\.json/);
    expect(readdirSync(join(path, 'incidents'))).toEqual(['i-1.json']);
  });
});
