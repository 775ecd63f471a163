import { expect, test } from '@jest/globals';
import { parsePage } from '@aegis/replica/exposition';
import { readPage } from './reading.js';

const PAGE = `# HELP aegis_is_leader 1 while this replica leads
# TYPE aegis_is_leader gauge
aegis_is_leader 1
aegis_alarms{kind="NO_SPACE",about="2"} 1
aegis_alarms{kind="CORRUPT",about="a\\"b}"} 1
aegis_follower_lag_entries{to="2"} 7
aegis_follower_lag_entries{to="3"} 0
aegis_wal_fsync_duration_seconds_bucket{le="0.001"} 2
aegis_wal_fsync_duration_seconds_bucket{le="0.01"} 5
aegis_wal_fsync_duration_seconds_bucket{le="+Inf"} 6
aegis_wal_fsync_duration_seconds_sum 0.5
aegis_wal_fsync_duration_seconds_count 6
something_else{of="others"} 3 1700000000000
`;

test('a page is read: labels that tell nothing are added up, peers are kept apart, all else is passed over', () => {
  expect(readPage(PAGE)).toEqual({
    values: {
      aegis_is_leader: 1,
      aegis_alarms: 2,
      aegis_wal_fsync_duration_seconds: { bounds: [0.001, 0.01], counts: [2, 5, 6], sum: 0.5 },
    },
    links: { '2': { aegis_follower_lag_entries: 7 }, '3': { aegis_follower_lag_entries: 0 } },
    unreadable: 0,
  });
});

test('half a page tells what it can: the line that was cut does not count, nor a histogram without its end', () => {
  const cut = PAGE.slice(0, PAGE.indexOf('le="+Inf"} 6') + 10);
  const { values, unreadable } = readPage(cut);
  expect(values).toEqual({ aegis_is_leader: 1, aegis_alarms: 2 });
  expect(unreadable).toBe(1);
});

test.each([
  ['aegis_is_leader NaN', {}],
  ['aegis_is_leader +Inf', {}],
  ['aegis_leader 1', {}],
  ['aegis_is_leader', {}],
  ['aegis_is_leader{to="2" 1', {}],
  ['aegis_is_leader one', {}],
  ['aegis_is_leader 1 2 3', {}],
  ['<html>', {}],
])('%j tells nothing', (line, values) => {
  expect(readPage(`${line}\n`).values).toEqual(values);
});

test('counts that fall from one bound to the next are no histogram', () => {
  expect(readPage(PAGE.replace('"0.01"} 5', '"0.01"} 9')).values).not.toHaveProperty(
    'aegis_wal_fsync_duration_seconds',
  );
});

test('a page without end is read to a bound', () => {
  expect(parsePage('a 1\n'.repeat(100_000)).samples.length).toBeLessThanOrEqual(20_001);
});
