import { expect, test } from '@jest/globals';
import { protobufEntrySize } from '../raft/entry-size.js';
import { isRaftError } from '../raft/errors.js';
import { entriesFrom, entry, openOn, simulatedDisk, textOf, textOfEntry } from './log-fixture.js';

const confState = {
  voters: [1, 2, 3],
  learners: [4],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};

test('a new log is empty, says so, and holds what is appended', async () => {
  const { log, report } = await openOn(simulatedDisk());
  expect(report).toMatchObject({ fresh: true, segments: 1, batches: 0, firstIndex: 1, lastIndex: 0 });
  expect([log.firstIndex(), log.lastIndex(), log.term(0)]).toEqual([1, 0, 0]);
  await log.append({ hardState: { term: 1, vote: 2, commit: 0 }, entries: entriesFrom(1, 3) });
  await log.append({ hardState: { term: 2, vote: 0, commit: 1 }, entries: entriesFrom(4, 2, 2) });
  expect(textOf(log)).toEqual([...entriesFrom(1, 3), ...entriesFrom(4, 2, 2)].map(textOfEntry));
  expect([0, 1, 3, 4, 5].map((index) => log.term(index))).toEqual([0, 1, 1, 2, 2]);
  expect(log.hardState).toEqual({ term: 2, vote: 0, commit: 1 });
});

test('everything is there after a restart, over many segments', async () => {
  const disk = simulatedDisk();
  const { log } = await openOn(disk);
  for (let index = 1; index <= 200; index += 2) {
    await log.append({
      hardState: { term: 1, vote: 3, commit: index },
      entries: entriesFrom(index, 2, 1, 500),
    });
  }
  await log.append({ entries: [], confState: { index: 150, confState }, stateFolder: 'state-7' });
  const before = textOf(log);
  disk.crash();
  const { log: again, report } = await openOn(disk);
  expect(report.fresh).toBe(false);
  expect(report.segments).toBeGreaterThan(5);
  expect(report.tornTail).toBeUndefined();
  expect(textOf(again)).toEqual(before);
  expect(again.hardState).toEqual({ term: 1, vote: 3, commit: 199 });
  expect(again.confState).toEqual({ index: 150, confState });
  expect(again.stateFolder).toBe('state-7');
});

test('a conflicting suffix is replaced, live and after a restart', async () => {
  const disk = simulatedDisk();
  const { log } = await openOn(disk);
  await log.append({ entries: entriesFrom(1, 9) });
  await log.append({ entries: entriesFrom(4, 2, 3) });
  // Two Readys in one batch, the second going back over the first.
  await log.append({ entries: [...entriesFrom(6, 4, 4), ...entriesFrom(7, 1, 5)] });
  const expected = [...entriesFrom(1, 3), ...entriesFrom(4, 2, 3), entry(6, 4), entry(7, 5)].map(textOfEntry);
  expect(textOf(log)).toEqual(expected);
  const { log: again } = await openOn(disk, { recentBytesMax: 0 });
  expect(textOf(again)).toEqual(expected);
  expect([3, 4, 5, 6, 7].map((index) => again.term(index))).toEqual([1, 3, 3, 4, 5]);
  expect(again.lastIndex()).toBe(7);
});

test('old entries are read from disk, within the limit, at least one', async () => {
  const disk = simulatedDisk();
  const { log } = await openOn(disk, { recentBytesMax: 2000 });
  for (let index = 1; index <= 100; index += 5) await log.append({ entries: entriesFrom(index, 5, 1, 300) });
  const all = entriesFrom(1, 100, 1, 300);
  expect(textOf(log)).toEqual(all.map(textOfEntry));
  const size = protobufEntrySize(all[50]!);
  for (const [lo, hi] of [
    [1, 101],
    [3, 4],
    [37, 99],
    [96, 101],
  ] as const) {
    expect(log.entries(lo, hi, Infinity).map(textOfEntry)).toEqual(
      all.slice(lo - 1, hi - 1).map(textOfEntry),
    );
    expect(log.entries(lo, hi, 0)).toHaveLength(1);
    expect(log.entries(lo, hi, size * 3)).toHaveLength(Math.min(3, hi - lo));
  }
});

test('reads outside the log fail as the core expects', async () => {
  const { log } = await openOn(simulatedDisk());
  await log.append({ entries: entriesFrom(1, 10) });
  await log.compact(4);
  expect(log.firstIndex()).toBe(5);
  expect(log.term(4)).toBe(1);
  const codeOf = (read: () => unknown): string => {
    try {
      read();
    } catch (error) {
      for (const code of ['COMPACTED', 'UNAVAILABLE'] as const) if (isRaftError(error, code)) return code;
      throw error;
    }
    return 'none';
  };
  expect(codeOf(() => log.term(3))).toBe('COMPACTED');
  expect(codeOf(() => log.term(11))).toBe('UNAVAILABLE');
  expect(codeOf(() => log.entries(4, 6, Infinity))).toBe('COMPACTED');
  expect(codeOf(() => log.entries(5, 12, Infinity))).toBe('UNAVAILABLE');
});

test('one append at a time, and only what follows', async () => {
  const { log } = await openOn(simulatedDisk());
  const first = log.append({ entries: entriesFrom(1, 3), hardState: { term: 3, vote: 1, commit: 2 } });
  await expect(log.append({ entries: [entry(4)] })).rejects.toThrow('one append at a time');
  await first;
  await expect(log.append({ entries: [entry(5)] })).rejects.toThrow('without a gap');
  await expect(log.append({ entries: [], hardState: { term: 2, vote: 1, commit: 2 } })).rejects.toThrow(
    'term',
  );
  await expect(log.append({ entries: [], hardState: { term: 3, vote: 2, commit: 2 } })).rejects.toThrow(
    'vote',
  );
  await expect(log.append({ entries: [], hardState: { term: 3, vote: 1, commit: 1 } })).rejects.toThrow(
    'commit',
  );
  await log.compact(2);
  await expect(log.append({ entries: [entry(2)] })).rejects.toThrow('gap');
  expect(textOf(log)).toEqual([entry(3)].map(textOfEntry));
});
