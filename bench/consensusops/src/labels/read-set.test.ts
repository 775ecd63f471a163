import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeRecording } from '@aegis/agent/telemetry';
import { readSet, setNames } from './read-set.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-set-'));
  mkdirSync(join(folder, 'small'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const INCIDENT = {
  id: 'case-1',
  control: null,
  template: 'slow-disk-on-a-follower',
  seed: 7,
  heldOut: false,
  confounded: false,
  classes: ['SlowFollower', 'DiskStall'],
  cause: { fault: 'disk-slow', at: [{ replica: 'fox' }] },
  path: [{ effect: 'DiskStall', at: { replica: 'fox' } }],
  injectedMs: 500,
  endedMs: 900,
};
const CONTROL = {
  ...INCIDENT,
  id: 'case-2',
  control: 'restart',
  classes: [],
  cause: null,
  path: null,
  injectedMs: null,
  endedMs: null,
};

const recording = writeRecording({
  replicas: { fox: 1, owl: 2 },
  scrapeMs: 1000,
  scrapes: [
    { atMs: 0, replica: 'fox', reading: { values: { aegis_is_leader: 1 }, links: {}, unreadable: 0 } },
    { atMs: 1000, replica: 'fox', reading: undefined, missing: 'timeout' },
  ],
});

function write(cases: readonly object[], more: object = {}): string {
  const set = join(folder, 'small');
  const file = {
    format: 'aegis-consensusops',
    version: 1,
    set: 'small',
    seed: 3,
    guarded: true,
    cases,
    rejections: [],
  };
  writeFileSync(join(set, 'labels.json'), JSON.stringify({ ...file, ...more }));
  for (const id of ['case-1', 'case-2']) writeFileSync(join(set, `${id}.jsonl.gz`), gzipSync(recording));
  return set;
}

test('a set is read with its recordings, classes in their order', () => {
  const { cases, labels } = readSet(write([INCIDENT, CONTROL]));
  expect(labels.set).toBe('small');
  expect(cases.map(({ label }) => label)).toEqual([
    { ...INCIDENT, classes: ['SlowFollower', 'DiskStall'] },
    CONTROL,
  ]);
  expect(cases[0]!.recording.scrapes).toHaveLength(2);
  expect(setNames(folder)).toEqual(['small']);
});

test.each([
  [{ ...INCIDENT, cause: { fault: 'gremlins', at: ['clients'] } }, /cases\[0\]\.cause\.fault.*"gremlins"/],
  [{ ...INCIDENT, cause: null }, /cases\[0\].*an incident has a cause/],
  [{ ...INCIDENT, classes: [] }, /cases\[0\].*an incident has a class/],
  [{ ...INCIDENT, endedMs: 100 }, /ended no sooner/],
  [{ ...CONTROL, classes: ['Overload'] }, /a control has neither/],
  [{ ...INCIDENT, seed: -1 }, /cases\[0\]\.seed.*whole number/],
  [{ ...INCIDENT, id: '../other' }, /cases\[0\]\.id.*has to be a name/],
  [{ ...INCIDENT, path: [{ effect: 'DiskStall', at: { replica: 'elk' } }] }, /names elk/],
  [{ ...INCIDENT, injectedMs: 60_000, endedMs: 61_000 }, /ends at 1000 ms/],
])('what cannot be is refused, with the place %#', (label, message) => {
  const set = write([label]);
  expect(() => readSet(set)).toThrow(message);
});

test('files that are missing, cut or of another format are named', () => {
  const set = write([INCIDENT]);
  writeFileSync(join(set, 'case-1.jsonl.gz'), gzipSync(recording).subarray(0, 40));
  expect(() => readSet(set)).toThrow(/case-1\.jsonl\.gz: it cannot be read/);
  rmSync(join(set, 'case-1.jsonl.gz'));
  expect(() => readSet(set)).toThrow(/case-1\.jsonl\.gz: it cannot be read/);
  write([INCIDENT], { version: 9 });
  expect(() => readSet(set)).toThrow(/labels\.json: the file has to say/);
  write([INCIDENT, INCIDENT]);
  expect(() => readSet(set)).toThrow(/two cases are called case-1/);
});
