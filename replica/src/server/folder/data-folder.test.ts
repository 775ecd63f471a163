import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { RefusedStart } from '../exit.js';
import { DataFolder } from './data-folder.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aegis-folder-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function refusal(work: () => unknown): RefusedStart {
  try {
    work();
  } catch (error) {
    if (error instanceof RefusedStart) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a data folder', () => {
  test('draws a nonce once and keeps it', () => {
    const path = join(root, 'deep', 'data');
    const first = DataFolder.prepare(path).identity.nonce;
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(DataFolder.prepare(path).identity.nonce).toBe(first);
    expect(DataFolder.prepare(join(root, 'other')).identity.nonce).not.toBe(first);
  });

  test('joins one cluster, and refuses another cluster or another member id', () => {
    const path = join(root, 'data');
    DataFolder.prepare(path).join('cluster-a', 3);
    expect(DataFolder.prepare(path).join('cluster-a', 3).identity.memberId).toBe(3);
    for (const work of [
      () => DataFolder.prepare(path).join('cluster-b', 3),
      () => DataFolder.prepare(path).join('cluster-a', 4),
    ]) {
      const error = refusal(work);
      expect(error.reason).toBe('data');
      expect(error.message).toContain('member 3 of cluster cluster-a');
      expect(error.message).toContain(path);
    }
  });

  test('of a newer format is refused, naming both', () => {
    const path = join(root, 'data');
    DataFolder.prepare(path);
    const file = join(path, 'identity.json');
    const identity = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...identity, formatVersion: 9 }));
    expect(refusal(() => DataFolder.prepare(path)).message).toMatch(/format 9, this version knows up to 1/);
  });

  test.each([
    ['not JSON', '{"formatVersion":1,'],
    ['no nonce', '{"formatVersion":1}'],
    ['half an identity', '{"formatVersion":1,"nonce":"00112233445566778899aabbccddeeff","memberId":1}'],
    ['empty', ''],
  ])('with a damaged identity (%s) is refused and left as it is', (_name, content) => {
    const path = join(root, 'data');
    mkdirSync(path);
    const file = join(path, 'identity.json');
    writeFileSync(file, content);
    const error = refusal(() => DataFolder.prepare(path));
    expect(error.reason).toBe('data');
    expect(error.message).toContain(file);
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  test.each([
    // Found by `make fuzz TARGET=identities SEED=2 INPUT=7356`.
    ['1e999', '"abc"', /memberId is not a whole number from 1/],
    ['0', '"abc"', /memberId is not a whole number from 1/],
    ['1', '7', /clusterId is not a text/],
    ['1', '""', /clusterId is not a text/],
  ])('of member %s of cluster %s is refused', (memberId, clusterId, reason) => {
    const path = join(root, 'data');
    const { nonce } = DataFolder.prepare(path).identity;
    const text = `{"formatVersion":1,"nonce":"${nonce}","clusterId":${clusterId},"memberId":${memberId}}`;
    writeFileSync(join(path, 'identity.json'), text);
    expect(() => DataFolder.prepare(path)).toThrow(reason);
  });

  test('that lost its identity is not taken for an empty one', () => {
    const path = join(root, 'data');
    mkdirSync(join(path, 'log'), { recursive: true });
    expect(refusal(() => DataFolder.prepare(path)).message).toMatch(/no identity\.json but holds log/);
  });

  test('whose making was cut short before the rename is made again', () => {
    const path = join(root, 'data');
    mkdirSync(path);
    writeFileSync(join(path, 'identity.json.new'), '{"form');
    expect(DataFolder.prepare(path).identity.nonce).toMatch(/^[0-9a-f]{32}$/);
  });
});
