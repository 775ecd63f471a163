import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SIGNALS } from '../classify/index.js';
import { CLASSES, FAULTS } from '../diagnose/index.js';
import { LINK_FEATURES, REPLICA_FEATURES } from '../telemetry/index.js';
import { readRunbook, RunbookError } from './runbook.js';
import { readRunbooks } from './runbooks.js';
import { FIELDS } from '@aegis/replica/settings';

const GOOD = `---
id: slow-disk
classes: [DiskStall]
causes: [disk-slow]
knobs: [electionTimeoutMs]
sources:
  - https://etcd.io/docs/v3.5/faq/
---

# The disk is slow

It syncs slowly. See \`electionTimeoutMs\`.
`;

test('a runbook is read', () => {
  expect(readRunbook(GOOD, 'agent/runbooks/slow-disk.md')).toEqual({
    id: 'slow-disk',
    title: 'The disk is slow',
    classes: ['DiskStall'],
    causes: ['disk-slow'],
    knobs: ['electionTimeoutMs'],
    sources: ['https://etcd.io/docs/v3.5/faq/'],
    text: 'It syncs slowly. See `electionTimeoutMs`.',
  });
});

test.each([
  ['no front matter', GOOD.slice(4), 'has to begin with front matter'],
  ['no title', GOOD.replace('# The', 'The'), 'has to begin with front matter'],
  ['another id than its name', GOOD.replace('slow-disk', 'disk'), 'has to be in disk.md'],
  ['a class that is none', GOOD.replace('DiskStall', 'Gremlins'), 'classes: there is no "Gremlins"'],
  ['a cause that is none', GOOD.replace('disk-slow', 'disk-sad'), 'causes: there is no "disk-sad"'],
  ['no cause', GOOD.replace('[disk-slow]', '[]'), 'causes: at least 1'],
  [
    'a setting that is none',
    GOOD.replace('[electionTimeoutMs]', '[walSyncOff]'),
    'knobs: there is no "walSyncOff"',
  ],
  [
    'a setting that is none, in its text',
    GOOD.replace('See `electionTimeoutMs`', 'See `walDelayMs`'),
    'speaks of walDelayMs',
  ],
  ['no source', GOOD.replace('\n  - https://etcd.io/docs/v3.5/faq/', ' []'), 'sources: at least 1'],
  [
    'a source that is no public address',
    GOOD.replace('https://etcd.io', 'file://etc'),
    'no public https address',
  ],
  ['a key too many', GOOD.replace('knobs:', 'owner: ada\nknobs:'), 'owner: no such key'],
  ['a word twice', GOOD.replace('[DiskStall]', '[DiskStall, DiskStall]'), 'DiskStall stands twice'],
  ['broken YAML', GOOD.replace('[DiskStall]', '[DiskStall'), 'is no YAML'],
  ['too much', GOOD + 'x'.repeat(40_000), 'more than 32768'],
])('a file with %s is refused by name', (_, text, why) => {
  expect(() => readRunbook(text, 'slow-disk.md')).toThrow(RunbookError);
  expect(() => readRunbook(text, 'slow-disk.md')).toThrow(why);
});

test('one bad file among many is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aegis-runbooks-'));
  try {
    writeFileSync(join(folder, 'slow-disk.md'), GOOD);
    writeFileSync(join(folder, 'notes.txt'), 'not looked at');
    expect(readRunbooks(folder)).toHaveLength(1);
    writeFileSync(join(folder, 'worse.md'), 'nothing');
    expect(() => readRunbooks(folder)).toThrow(/worse\.md: it has to begin/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('the runbooks of this project', () => {
  const runbooks = readRunbooks();

  test('there are thirty at least, each with another title', () => {
    expect(runbooks.length).toBeGreaterThanOrEqual(30);
    expect(new Set(runbooks.map(({ title }) => title)).size).toBe(runbooks.length);
  });

  test('every class and every fault has one', () => {
    for (const name of CLASSES)
      expect(runbooks.filter(({ classes }) => classes.includes(name))).not.toEqual([]);
    const known = new Set(runbooks.flatMap(({ causes }) => causes));
    expect(Object.keys(FAULTS).filter((fault) => !known.has(fault as keyof typeof FAULTS))).toEqual([]);
  });

  test.each(runbooks.map(({ id, text, knobs }) => [id, text, knobs] as const))(
    '%s speaks of features and settings that exist, and lists the settings',
    (_, text, knobs) => {
      const inCode = [...text.matchAll(/`([a-zA-Z0-9]+)`/g)].map(([, word]) => word!);
      const known = { ...REPLICA_FEATURES, ...LINK_FEATURES, ...FIELDS, ...SIGNALS };
      expect(inCode.filter((word) => !(word in known))).toEqual([]);
      const spoken = [...new Set(inCode.filter((word) => word in FIELDS))];
      expect([...knobs].sort()).toEqual(spoken.sort());
    },
  );
});
