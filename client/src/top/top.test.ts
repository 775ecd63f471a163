import { expect, test } from '@jest/globals';
import type { ClusterStatus } from '../status/collect.js';
import { styleFor } from '../terminal/style.js';
import { TestTerminal } from '../terminal/testing-terminal.js';
import { displayWidth } from '../terminal/width.js';
import { Following } from './follow.js';
import { percentilesSince } from './histogram.js';
import { showLive, type Glance } from './live.js';
import type { Look } from './look.js';
import { topLines } from './render.js';
import { telemetryOf } from './telemetry.js';
import type { TopIncident, TopView } from './view.js';

const PLAIN = styleFor({ isTTY: false });
const INCIDENT: TopIncident = {
  id: 'i-1',
  classes: ['slow-disk'],
  onset: Date.UTC(2026, 0, 1, 12, 0, 5),
  endedAt: null,
  cause: { fault: 'disk-stall', at: 'aegis-2' },
};

/** What a replica's page says. */
function page(index: number, more: Readonly<Record<string, number>> = {}, fsyncs = 0): string {
  const numbers = {
    aegis_is_leader: 0,
    aegis_raft_term: 4,
    aegis_log_last_index: index,
    aegis_proposals_committed_index: index,
    aegis_proposals_applied_index: index,
    aegis_commands_applied_total: 2 * index,
    aegis_client_operations_total: index,
    aegis_leases: 12,
    aegis_locks: 7,
    aegis_elections: 3,
    aegis_process_resident_memory_bytes: 100 * 1024 * 1024,
    ...more,
  };
  const buckets = [
    ['0.001', fsyncs / 2],
    ['0.01', fsyncs],
    ['+Inf', fsyncs],
  ].map(([le, count]) => `aegis_wal_fsync_duration_seconds_bucket{le="${le}"} ${count}`);
  return [...Object.entries(numbers).map(([name, value]) => `${name} ${value}`), ...buckets, ''].join('\n');
}

/** A moment of a cluster whose second member leads; undefined: that one is away. */
function look(atMs: number, pages: readonly (string | undefined)[], name = 'aegis'): Look {
  const members = pages.map((text, at) => ({
    id: at + 1,
    name: `${name}-${at + 1}`,
    pid: null,
    address: `127.0.0.1:${4410 + 10 * at}`,
    metrics: `127.0.0.1:${4412 + 10 * at}`,
    role: text === undefined ? 'unreachable' : at === 1 ? 'leader' : 'follower',
    term: text === undefined ? -1 : 4,
    commit: text === undefined ? -1 : 1,
    applied: text === undefined ? -1 : 1,
    healthy: text !== undefined,
  }));
  const leader = pages[1] === undefined ? null : 2;
  const status: ClusterStatus = {
    leader,
    term: 4,
    profile: 'all',
    clusterId: 'c',
    leases: 1,
    locks: 1,
    members,
  };
  const told = pages.flatMap((text, at) =>
    text === undefined ? [] : [[at + 1, telemetryOf(text, atMs)] as const],
  );
  return { atMs, status, telemetry: new Map(told) };
}

test('rates and percentiles are of what came since the look before', () => {
  const following = new Following();
  const first = following.take(look(0, [page(100), page(100, {}, 1_000), page(100)]), null);
  expect(first).toMatchObject({ leader: 2, leases: 12, locks: 4, elections: 3, writesPerSecond: null });
  expect(first.members[0]!.perSecond.commit).toBeNull();
  const second = following.take(look(2_000, [page(150), page(200, {}, 1_100), page(100)]), null);
  expect(second).toMatchObject({ writesPerSecond: 100, operationsPerSecond: 75 });
  expect(second.members.map(({ perSecond }) => perSecond.commit)).toEqual([25, 50, 0]);
  expect(second.members.map(({ fsyncMs }) => fsyncMs)).toEqual([null, { p50: 1, p99: 9.82 }, null]);
  // A process that began anew counts from nothing.
  const third = following.take(look(3_000, [page(5), page(10, {}, 4), page(100)]), null);
  expect(third.writesPerSecond).toBeNull();
  expect(third.members[1]!.fsyncMs).toEqual({ p50: 1, p99: 9.82 });
});

test('a replica that answers on neither port is away, and since when; back, it is not', () => {
  const following = new Following();
  following.take(look(0, [page(1), page(1), undefined]), null);
  const later = following.take(look(12_500, [page(1), page(1), undefined]), null);
  expect(later.members[2]).toMatchObject({ away: true, awaySeconds: 12, term: null, appliedIndex: null });
  expect(topLines(later, { columns: 80, style: PLAIN }).join('\n')).toMatch(/3 {2}aegis-3 +AWAY 12 s +-/);
  expect(topLines(later, { columns: 80, style: PLAIN })[0]).toContain('2 of 3 there');
  const back = following.take(look(13_000, [page(1), page(1), page(1)]), null);
  expect(back.members[2]).toMatchObject({ away: false, awaySeconds: null });
  // All of them: nothing to be told, and no view that fails.
  const none = following.take(look(14_000, [undefined, undefined, undefined]), null);
  expect(none).toMatchObject({ leader: null, leases: null, locks: null, pending: null });
  expect(topLines(none, { columns: 40, style: PLAIN })[0]).toMatch(/^no leader · 0 of 3 there/);
});

test('only the event loop as others have read it is asked for', async () => {
  const asked: string[] = [];
  const { createServer } = await import('node:http');
  const server = createServer((request, response) => {
    asked.push(...new URL(request.url!, 'http://x').searchParams.getAll('name[]'));
    response.end(page(1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { readTelemetry } = await import('./telemetry.js');
  const { port } = server.address() as { port: number };
  expect(await readTelemetry(`127.0.0.1:${port}`)).toBeDefined();
  await new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  expect(asked.length).toBeGreaterThan(10);
  // Reading this one begins the maximum anew.
  expect(asked).not.toContain('aegis_nodejs_eventloop_lag_seconds');
  expect(await readTelemetry(`127.0.0.1:${port}`)).toBeUndefined();
});

test('whatever the width: no line is wider, and nothing that anybody named steers', () => {
  const hostile = look(0, [page(123_456_789), page(1), undefined], '\x1b[2J\u202e漢字'.repeat(20));
  const view = new Following().take(hostile, [{ ...INCIDENT, classes: ['\x1b]0;x\x07'] }]);
  for (const columns of [1, 10, 40, 80, 120, 200]) {
    const lines = topLines(view, { columns, style: PLAIN });
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    // eslint-disable-next-line no-control-regex
    expect(lines.join('')).not.toMatch(/[\x00-\x1f\u202e]/);
  }
  const narrow = topLines(view, { columns: 40, style: PLAIN }).join('\n');
  for (const shown of ['ROLE', 'leader', 'AWAY', '123,456,789', 'open']) expect(narrow).toContain(shown);
});

test('percentiles lie within their bucket', () => {
  const now = new Map([
    [0.001, 0],
    [0.002, 100],
    [Infinity, 100],
  ]);
  expect(percentilesSince(undefined, now)).toEqual({ p50: 1.5, p99: 1.99 });
  expect(percentilesSince(now, now)).toBeNull();
  const beyond = new Map([
    [0.001, 0],
    [Infinity, 5],
  ]);
  expect(percentilesSince(undefined, beyond)).toEqual({ p50: 1, p99: 1 });
});

const view = (): TopView => new Following().take(look(0, [page(7), page(7), page(7)]), [INCIDENT]);

function show(terminal: TestTerminal, take: () => Promise<Glance>, signal = new AbortController().signal) {
  const options = { intervalMs: 20, interval: '20ms', input: terminal.keyboard, output: terminal };
  return showLive(take, { ...options, style: PLAIN }, signal);
}

test('live: looks again and again, ? explains, q ends it and the terminal is as before', async () => {
  const terminal = new TestTerminal(40, 12);
  let looks = 0;
  const shown = show(terminal, () =>
    Promise.resolve(++looks === 2 ? { problem: 'no answer' } : { view: view() }),
  );
  while (looks < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(terminal.lines.join('\n')).toContain('no answer');
  expect(terminal.lines.join('\n')).toContain('leader 2');
  while (looks < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(terminal.lines.join('\n')).not.toContain('no answer');
  terminal.type('?');
  expect(terminal.lines.join('\n')).toContain('writes/s: commands');
  terminal.type('x');
  terminal.resize(40, 6);
  expect(terminal.lines[5]).toMatch(/more lines/);
  terminal.type('q');
  await shown;
  expect(terminal).toMatchObject({ alternate: false, cursor: true, raw: false, listening: 0 });
});

test('live: a look that hangs does not keep it; what the signal says is thrown, with the terminal as before', async () => {
  const terminal = new TestTerminal();
  const controller = new AbortController();
  const shown = show(terminal, () => new Promise(() => undefined), controller.signal);
  expect(terminal).toMatchObject({ alternate: true, raw: true });
  controller.abort(new Error('interrupted'));
  await expect(shown).rejects.toThrow('interrupted');
  expect(terminal).toMatchObject({ alternate: false, cursor: true, raw: false });
  const fails = show(new TestTerminal(), () => Promise.reject(new Error('a bug')));
  await expect(fails).rejects.toThrow('a bug');
});
