import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseOptions, type StartOptions } from './options.js';
import { loadSettings, refuseUnsafe } from './settings-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(consensus: string | undefined, ...flags: string[]) {
  const file = join(folder, 'settings.yaml');
  const document = `apiVersion: aegis.dev/v1alpha1\nkind: AegisCluster\nmetadata: {name: test}\nspec: {consensus: {${consensus}}}\n`;
  if (consensus !== undefined) writeFileSync(file, document);
  const named = consensus === undefined ? [] : ['--settings', file];
  const options = parseOptions([
    'start',
    '--data',
    'd',
    '--bootstrap',
    'b',
    '--insecure',
    ...named,
    ...flags,
  ]);
  return loadSettings(options as StartOptions);
}

describe('the settings of a replica', () => {
  test('are the defaults, then the file, then the flags', () => {
    const { consensus, profile } = load(
      'heartbeatIntervalMs: 150, electionTimeoutMs: 1500, leaseMinTtlMs: 3000',
      '--set',
      'electionTimeoutMs=1600',
    );
    expect(profile).toBe('all');
    expect(consensus).toMatchObject({
      heartbeatIntervalMs: 150,
      electionTimeoutMs: 1600,
      leaseMaxTtlMs: 86_400_000,
    });
  });

  test.each([
    [
      'an unknown field of the file',
      'electionTimeoutMS: 1000',
      [],
      /spec\.consensus\.electionTimeoutMS.*electionTimeoutMs/s,
    ],
    ['an unknown name of a flag', undefined, ['--set', 'fsync=0'], /--set: spec\.consensus\.fsync/],
    [
      'a text where a number belongs',
      undefined,
      ['--set', 'electionTimeoutMs=1s'],
      /spec\.consensus\.electionTimeoutMs/,
    ],
    [
      'a number out of bounds',
      undefined,
      ['--set', 'heartbeatIntervalMs=1'],
      /spec\.consensus\.heartbeatIntervalMs/,
    ],
    [
      'settings that are unsafe together',
      undefined,
      ['--set', 'electionTimeoutMs=200'],
      /unsafe settings.*electionTimeoutMs 200/s,
    ],
  ])('%s is refused, naming it', (_name, consensus, flags, message) => {
    expect(() => load(consensus, ...flags)).toThrow(message);
  });

  test('are judged for the size of the cluster, once it is known', () => {
    const { consensus } = load('maxInflightBytes: 104857600');
    expect(refuseUnsafe({ settings: undefined }, consensus, 3)).toEqual([]);
    expect(() => refuseUnsafe({ settings: undefined }, consensus, 5)).toThrow(/inflight-within-memory/);
    const advised = load('electionTimeoutMs: 800').consensus;
    expect(refuseUnsafe({ settings: undefined }, advised, 5).map(({ id }) => id)).toEqual([
      'election-over-heartbeat-advised',
    ]);
  });
});
