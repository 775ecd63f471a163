import { beforeAll, expect } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { eventually } from './harness/clock.js';
import { AEGIS_PROGRAM } from './harness/programs.js';
import { Terminal } from './harness/terminal.js';
import { TestBed } from './harness/test-bed.js';
import { UpCluster } from './harness/up.js';

interface Top {
  readonly leader: number | null;
  readonly leases: number;
  readonly elections: number;
  readonly writesPerSecond: number | null;
  readonly members: readonly {
    readonly id: number;
    readonly away: boolean;
    readonly commitIndex: number | null;
    readonly perSecond: { readonly commit: number | null };
    readonly fsyncMs: { readonly p50: number; readonly p99: number } | null;
    readonly memoryBytes: number | null;
  }[];
  readonly incidents: readonly { readonly id: string }[] | null;
}

const EVERY = ['--interval', '200ms'];
const ESC = String.fromCharCode(27);

const bed = new TestBed();
let cluster: UpCluster;
beforeAll(async () => {
  cluster = await UpCluster.start(bed, 'top', 3, '--no-restart');
}, 90_000);

/** What makes a terminal look otherwise. */
const COLOURS = new RegExp(`${ESC}\\[\\d+m`);

const onTerminal = (columns: number, env: Readonly<Record<string, string>> = {}): Terminal =>
  new Terminal(bed, [AEGIS_PROGRAM, '--dir', cluster.folder, 'top', ...EVERY], { columns, rows: 24, env });

bed.scenario('elsewhere than on a terminal it prints once what it saw', 60_000, async () => {
  const bench = cluster.aegis('bench', 'put', '--clients', '20', '--seconds', '20');
  const elected = cluster.aegis('elect', 'a', 'me', '--', 'sleep', '20');
  await eventually('writes that are seen', 20_000, async () => {
    const top = await cluster.json<Top>('top');
    return top.elections === 1 && (top.writesPerSecond ?? 0) > 10 ? top : undefined;
  }).then((top) => {
    expect(top.members.map(({ away }) => away)).toEqual([false, false, false]);
    for (const { perSecond, fsyncMs, memoryBytes } of top.members) {
      expect(perSecond.commit).toBeGreaterThan(0);
      expect(fsyncMs!.p99).toBeGreaterThanOrEqual(fsyncMs!.p50);
      expect(memoryBytes).toBeGreaterThan(10_000_000);
    }
    expect(top.leases).toBeGreaterThan(0);
    expect(top.incidents).toBeNull();
  });
  const text = await cluster.run('top');
  expect(text).toMatch(/^leader \d, term \d+ · 3 of 3 there · profile all\n/);
  expect(text).toMatch(/FSYNC ms +RTT ms/);
  expect(text).not.toContain('\x1b');
  bench.signal('SIGINT');
  elected.signal('SIGINT');
  await Promise.all([bench.ended, elected.ended]);
});

bed.scenario('on a terminal it is live until q, and follows its size', 60_000, async () => {
  const incidents = join(cluster.folder, 'agent', 'incidents');
  mkdirSync(incidents, { recursive: true });
  const incident = {
    kind: 'Incident',
    id: 'i-1',
    classes: ['slow\u202e-disk'],
    onset: 1,
    openedAt: 1,
    causes: [],
  };
  writeFileSync(join(incidents, 'i-1.json'), JSON.stringify(incident));
  const wide = onTerminal(160);
  await wide.see(/APPLIED/, 15_000, 0);
  await wide.see(/00:00:00 open/, 15_000, 0);
  expect(wide.text).toContain('\x1b[1m');
  expect(wide.text).not.toContain('\u202e');
  await wide.resize(40);
  expect(await wide.see(new RegExp(`${ESC}\\[2J.*ROLE[^\\n]*`, 's'), 10_000)).not.toContain('APPLIED');
  wide.type('?');
  await wide.see(/writes\/s: commands/, 10_000);
  wide.type('q');
  expect(await wide.end(10_000)).toEqual({ status: 0, restored: true });
});

bed.scenario('Ctrl-C and SIGTERM leave the terminal as it was; NO_COLOR is obeyed', 60_000, async () => {
  const interrupted = onTerminal(80, { NO_COLOR: '1' });
  await interrupted.see(/ROLE/, 15_000, 0);
  expect(interrupted.text).not.toMatch(COLOURS);
  interrupted.type('\x03');
  expect(await interrupted.end(10_000)).toEqual({ status: 130, restored: true });
  const ended = onTerminal(80);
  await ended.see(/ROLE/, 15_000, 0);
  await ended.signal('SIGTERM');
  expect(await ended.end(10_000)).toEqual({ status: 143, restored: true });
});

bed.scenario(
  'a replica that is away is shown so; with all of them away nothing is claimed',
  60_000,
  async () => {
    const { members, leader } = await cluster.status();
    const live = onTerminal(80);
    await live.see(/3 of 3 there/, 15_000, 0);
    const victim = members.find(({ id }) => id !== leader)!;
    process.kill(victim.pid, 'SIGKILL');
    await live.see(/AWAY \d+ s/, 15_000);
    await live.see(/2 of 3 there/, 15_000, 0);
    for (const { id, pid } of members) if (id !== victim.id) process.kill(pid, 'SIGKILL');
    await live.see(/no leader/, 15_000);
    const top = await cluster.json<Top>('top');
    expect(top).toMatchObject({ leader: null, writesPerSecond: null });
    expect(top.members.every(({ away }) => away)).toBe(true);
    live.type('q');
    expect(await live.end(10_000)).toEqual({ status: 0, restored: true });
  },
);
