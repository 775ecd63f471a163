import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { entriesSize, protobufEntrySize, varintSize } from './entry-size.js';
import { isRaftError, RaftError } from './errors.js';
import { COMPACTED, RaftLog, UNAVAILABLE } from './log.js';
import { silentLogger } from './logger.js';
import { MemoryStorage } from './memory-storage.js';
import {
  emptyConfState,
  EntryType,
  NO_LIMIT,
  refusedChangeData,
  type Entry,
  type Snapshot,
} from './types.js';

function entry(term: number, index: number, bytes = 0): Entry {
  return { term, index, type: EntryType.Normal, data: new Uint8Array(bytes) };
}

function snapshot(index: number, term: number): Snapshot {
  return { data: new Uint8Array(0), metadata: { index, term, confState: emptyConfState() } };
}

/** A log with these terms from index 1, the first `stored` of them in storage. */
function logOf(terms: number[], stored: number, limit = NO_LIMIT): RaftLog {
  const storage = new MemoryStorage();
  storage.append(terms.slice(0, stored).map((term, i) => entry(term, i + 1, 10)));
  const log = new RaftLog(storage, silentLogger, protobufEntrySize, limit);
  log.append(terms.slice(stored).map((term, i) => entry(term, stored + 1 + i, 10)));
  return log;
}

describe('log', () => {
  test('storage and unstable entries are one log', () => {
    for (let stored = 0; stored <= 4; stored++) {
      const log = logOf([1, 1, 2, 3], stored);
      expect([log.firstIndex(), log.lastIndex(), log.lastTerm()]).toEqual([1, 4, 3]);
      expect([0, 1, 2, 3, 4, 5].map((i) => log.term(i))).toEqual([0, 1, 1, 2, 3, UNAVAILABLE]);
      expect(log.slice(2, 5, NO_LIMIT)!.map(({ index }) => index)).toEqual([2, 3, 4]);
      expect(log.entriesFrom(5, NO_LIMIT)).toEqual([]);
    }
  });

  test('a slice holds as many entries as fit, at least one, wherever they lie', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 120 }),
        (stored, lo, max) => {
          const log = logOf([1, 1, 1, 2, 2, 2], stored);
          const slice = log.slice(lo, 7, max)!;
          const rest = log.slice(lo, 7, NO_LIMIT)!;
          expect(slice).toEqual(rest.slice(0, slice.length));
          const size = entriesSize(slice, protobufEntrySize);
          expect(slice.length === 1 || size <= max).toBe(true);
          const next = rest[slice.length];
          expect(next === undefined || size + protobufEntrySize(next) > max).toBe(true);
        },
      ),
    );
  });

  test('what is compacted is told apart from what is not there yet', () => {
    const storage = new MemoryStorage();
    storage.append([1, 2, 3, 4].map((i) => entry(1, i)));
    storage.compact(2);
    const log = new RaftLog(storage, silentLogger, protobufEntrySize, NO_LIMIT);
    expect([1, 2, 3, 5].map((i) => log.term(i))).toEqual([COMPACTED, 1, 1, UNAVAILABLE]);
    expect(log.slice(2, 4, NO_LIMIT)).toBeUndefined();
    expect([log.committed, log.applied]).toEqual([2, 2]);
  });

  test('a conflict with a committed entry stops the replica', () => {
    const log = logOf([1, 1, 1], 3);
    log.commitTo(2);
    expect(() => log.maybeAppend(1, 1, [entry(2, 2)], 0)).toThrow('committed');
    expect(log.maybeAppend(2, 1, [entry(2, 3)], 3)).toBe(3);
    expect([log.lastTerm(), log.committed]).toEqual([2, 3]);
  });

  test('commit never falls and never passes the end', () => {
    const log = logOf([1, 1, 1], 3);
    log.commitTo(2);
    log.commitTo(1);
    expect(log.committed).toBe(2);
    expect(() => log.commitTo(4)).toThrow();
    // An append vouches only for what it covers.
    log.maybeAppend(3, 1, [], 99);
    expect(log.committed).toBe(3);
  });

  test('the last possible match skips all later terms', () => {
    const log = logOf([1, 3, 3, 3, 5, 5], 6);
    expect(log.lastPossibleMatch(6, 2)).toEqual({ index: 1, term: 1 });
    expect(log.lastPossibleMatch(6, 4)).toEqual({ index: 4, term: 3 });
    expect(log.lastPossibleMatch(6, 5)).toEqual({ index: 6, term: 5 });
    expect(log.lastPossibleMatch(9, 5)).toEqual({ index: 9, term: 0 });
    expect(log.lastPossibleMatch(3, 0)).toEqual({ index: 0, term: 0 });
  });

  test('committed entries are handed out once, within the limit, and unstable ones only if allowed', () => {
    const size = protobufEntrySize(entry(1, 1, 10));
    const log = logOf([1, 1, 1, 1], 3, 2 * size);
    log.commitTo(4);
    expect(log.nextCommitted(true).map(({ index }) => index)).toEqual([1, 2]);
    log.acceptApplying(2, 2 * size, true);
    expect(log.hasNextCommitted(true)).toBe(false);
    log.appliedTo(2, 2 * size);
    expect(log.nextCommitted(false).map(({ index }) => index)).toEqual([3]);
    expect(log.nextCommitted(true).map(({ index }) => index)).toEqual([3, 4]);
    expect(() => log.appliedTo(1, 0)).toThrow();
    expect(() => log.appliedTo(5, 0)).toThrow();
  });
});

describe('unstable', () => {
  test('a snapshot replaces everything, and nothing is applied until it is stored', () => {
    const log = logOf([1, 1, 1], 3);
    log.restore(snapshot(9, 4));
    expect([log.firstIndex(), log.lastIndex(), log.term(9), log.committed]).toEqual([10, 9, 4, 9]);
    log.append([entry(4, 10)]);
    expect(log.hasNextCommitted(true)).toBe(false);
    expect(log.unstable.nextSnapshot()!.metadata.index).toBe(9);
    log.unstable.acceptInProgress();
    expect(log.unstable.nextSnapshot()).toBeUndefined();
    expect(log.hasSnapshot()).toBe(true);
    log.unstable.stableSnapshotTo(8);
    expect(log.hasSnapshot()).toBe(true);
    log.unstable.stableSnapshotTo(9);
    expect(log.hasSnapshot()).toBe(false);
  });

  test('entries are handed out for writing once, and again when they are replaced meanwhile', () => {
    const { unstable } = logOf([1, 1, 1], 0);
    expect(unstable.nextEntries()).toHaveLength(3);
    unstable.acceptInProgress();
    expect(unstable.hasNextEntries()).toBe(false);
    unstable.truncateAndAppend([entry(2, 3), entry(2, 4)], 0);
    expect(unstable.nextEntries().map(({ term, index }) => [term, index])).toEqual([
      [2, 3],
      [2, 4],
    ]);
  });

  test('stored entries leave only if they are still the ones', () => {
    const { unstable } = logOf([1, 1, 2], 0);
    unstable.acceptInProgress();
    unstable.stableTo(3, 1);
    unstable.stableTo(9, 2);
    expect(unstable.entries).toHaveLength(3);
    unstable.stableTo(2, 1);
    expect([unstable.offset, unstable.entries.length]).toEqual([3, 1]);
    unstable.stableTo(3, 2);
    expect([unstable.offset, unstable.entries.length]).toEqual([4, 0]);
  });

  test('entries that were handed out do not change when the log does', () => {
    const log = logOf([1, 1, 1], 0);
    const handed = log.unstable.nextEntries();
    const sliced = log.slice(1, 4, NO_LIMIT)!;
    log.maybeAppend(1, 1, [entry(2, 2)], 0);
    expect([handed, sliced].map((list) => list.map(({ term }) => term))).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });
});

describe('memory storage', () => {
  const codeOf = (read: () => unknown) => {
    try {
      read();
      return undefined;
    } catch (error) {
      return error instanceof RaftError ? error.code : 'other';
    }
  };

  test('says what is compacted and what is not there', () => {
    const storage = new MemoryStorage();
    storage.append([entry(1, 1), entry(1, 2), entry(2, 3)]);
    storage.compact(2);
    expect([storage.firstIndex(), storage.lastIndex(), storage.term(2)]).toEqual([3, 3, 1]);
    expect(codeOf(() => storage.term(1))).toBe('COMPACTED');
    expect(codeOf(() => storage.term(4))).toBe('UNAVAILABLE');
    expect(codeOf(() => storage.entries(2, 4, 9))).toBe('COMPACTED');
    expect(codeOf(() => storage.compact(2))).toBe('COMPACTED');
    expect(codeOf(() => storage.compact(4))).toBe('other');
  });

  test('an append overwrites from its first entry on and skips what is compacted', () => {
    const storage = new MemoryStorage();
    storage.applySnapshot(snapshot(3, 1));
    storage.append([2, 3, 4, 5].map((i) => entry(1, i)));
    storage.append([entry(2, 5)]);
    expect(storage.entries(4, 6, NO_LIMIT).map(({ term }) => term)).toEqual([1, 2]);
    expect(codeOf(() => storage.append([entry(2, 7)]))).toBe('other');
  });

  test('snapshots only go forward', () => {
    const storage = new MemoryStorage();
    storage.append([entry(1, 1), entry(1, 2)]);
    expect(storage.createSnapshot(2, undefined, Uint8Array.of(1)).metadata).toMatchObject({
      index: 2,
      term: 1,
    });
    expect(codeOf(() => storage.createSnapshot(2, undefined, Uint8Array.of(1)))).toBe('SNAPSHOT_OUT_OF_DATE');
    expect(codeOf(() => storage.applySnapshot(snapshot(2, 1)))).toBe('SNAPSHOT_OUT_OF_DATE');
    storage.applySnapshot(snapshot(8, 3));
    expect([storage.firstIndex(), storage.lastIndex(), storage.snapshot().metadata.index]).toEqual([9, 8, 8]);
  });
});

describe('entry size', () => {
  test('is that of the protobuf message', () => {
    expect([0, 127, 128, 16383, 16384, Number.MAX_SAFE_INTEGER].map(varintSize)).toEqual([1, 1, 2, 2, 3, 8]);
    expect(protobufEntrySize(entry(1, 1))).toBe(4);
    expect(protobufEntrySize({ ...entry(1, 300, 5), type: EntryType.ConfChangeV2 })).toBe(2 + 3 + 2 + 7);
    expect(protobufEntrySize({ ...entry(1, 1), data: refusedChangeData })).toBe(6);
  });
});

test('an operating error of another kind passes through', () => {
  expect(isRaftError(new RaftError('UNAVAILABLE'), 'COMPACTED')).toBe(false);
});
