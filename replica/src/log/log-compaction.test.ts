import { expect, test } from '@jest/globals';
import { entriesFrom, entry, openOn, settled, simulatedDisk, textOf, textOfEntry } from './log-fixture.js';

const confState = {
  voters: [1, 2, 3],
  learners: [4],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};

test('compaction deletes whole segments only, never beyond the index, and survives a restart', async () => {
  const disk = simulatedDisk();
  const { log } = await openOn(disk);
  for (let index = 1; index <= 100; index++)
    await log.append({ entries: [entry(index, index < 60 ? 1 : 2, 900)] });
  const before = textOf(log);
  const segmentsBefore = disk.names().filter((name) => name.endsWith('.segment')).length;
  await log.compact(61);
  await settled();
  expect(disk.names().filter((name) => name.endsWith('.segment')).length).toBeLessThan(segmentsBefore - 3);
  disk.crash();
  const { log: again, report } = await openOn(disk, { recentBytesMax: 0 });
  expect(report.firstIndex).toBe(62);
  expect(textOf(again)).toEqual(before.slice(61));
  expect([again.term(61), again.lastIndex()]).toEqual([2, 100]);
  await again.compact(100);
  expect([again.firstIndex(), again.lastIndex(), again.term(100)]).toEqual([101, 100, 2]);
  await again.append({ entries: [entry(101, 3)] });
  const { log: last } = await openOn(disk);
  expect(textOf(last)).toEqual([entry(101, 3)].map(textOfEntry));
});

test('a compaction and appends may be under way together', async () => {
  const { log } = await openOn(simulatedDisk());
  await log.append({ entries: entriesFrom(1, 50, 1, 200) });
  const compaction = log.compact(30);
  for (let index = 51; index < 80; index++) await log.append({ entries: [entry(index, 1, 900)] });
  await compaction;
  expect(textOf(log)).toHaveLength(79 - 30);
});

test('a snapshot takes the place of the whole log', async () => {
  const disk = simulatedDisk();
  const { log } = await openOn(disk);
  await log.append({ hardState: { term: 1, vote: 0, commit: 3 }, entries: entriesFrom(1, 9) });
  await log.append({
    snapshot: { index: 500, term: 4, confState },
    entries: entriesFrom(501, 2, 4),
    hardState: { term: 4, vote: 1, commit: 500 },
    stateFolder: 'state-500',
  });
  for (const each of [log, (await openOn(disk)).log]) {
    expect([each.firstIndex(), each.lastIndex(), each.term(500)]).toEqual([501, 502, 4]);
    expect(each.confState).toEqual({ index: 500, confState });
    expect(each.stateFolder).toBe('state-500');
    expect(textOf(each)).toEqual(entriesFrom(501, 2, 4).map(textOfEntry));
  }
});
