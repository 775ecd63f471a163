import { expect } from '@jest/globals';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually } from './harness/clock.js';
import { TestBed } from './harness/test-bed.js';
import { UpCluster } from './harness/up.js';

const bed = new TestBed();

interface Result {
  readonly roles: Readonly<Record<string, number>>;
  readonly done: readonly {
    readonly what: string;
    readonly kind: string;
    readonly members: readonly number[];
    readonly error?: string;
  }[];
  readonly sli: {
    readonly ok: number;
    readonly failed: number;
    readonly longestGapMs: number;
    readonly seconds: readonly { readonly second: number; readonly ok: number; readonly p50: number }[];
  };
}

const LOAD = 'load: [{ kind: puts, clients: 10, perSecond: 100 }]';

function traceFile(name: string, rest: string): string {
  const path = join(bed.folder, `${name}.yaml`);
  writeFileSync(path, `name: ${name}\nabout: For a test.\nduration: 12s\n${rest}\n${LOAD}\n`);
  return path;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

bed.scenario(
  'a trace with a cluster of its own: the disk is slow as long as it says, and nothing stays behind',
  120_000,
  async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('aegis-chaos-'));
    const path = traceFile(
      'slow',
      `replicas: 3
settings: { electionTimeoutMs: 2000, heartbeatIntervalMs: 200, leaseMinTtlMs: 3000 }
faults: [{ kind: fsync, on: all, at: 4s, for: 5s, slowMs: 150 }]`,
    );
    const ran = bed.aegis(['chaos', 'run', path, '--own', '--json']);
    expect([await ran.status(90_000), ran.stderr.at(-1)]).toEqual([0, expect.stringContaining('end fsync')]);
    const { done, sli } = JSON.parse(ran.stdout.join('\n')) as Result;
    expect(done.map(({ what, kind, members, error }) => [what, kind, members, error])).toEqual([
      ['begin', 'fsync', [1, 2, 3], undefined],
      ['end', 'fsync', [1, 2, 3], undefined],
    ]);
    expect(sli.failed).toBe(0);
    const latency = (from: number, to: number): number =>
      median(sli.seconds.filter(({ second }) => second >= from && second < to).map(({ p50 }) => p50));
    expect(latency(5, 9)).toBeGreaterThan(150);
    expect(latency(10, 12)).toBeLessThan(latency(5, 9));
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('aegis-chaos-'))).toEqual(before);
  },
);

bed.scenario(
  'a trace against a cluster that runs: its leader is paused, others are led meanwhile, and all is as before',
  120_000,
  async () => {
    const cluster = await UpCluster.start(bed, 'victim', 3, '--insecure', '--allow-faults');
    const { leader } = await cluster.status();
    const path = traceFile(
      'paused',
      'replicas: 3\nroles: { victim: leader }\nfaults: [{ kind: pause, on: victim, at: 3s, for: 4s }]',
    );
    const { roles, done, sli } = await cluster.json<Result>('chaos', 'run', path);
    expect(roles).toEqual({ victim: leader });
    expect(done.map(({ what, members }) => [what, members])).toEqual([
      ['begin', [leader]],
      ['end', [leader]],
    ]);
    expect(sli.longestGapMs).toBeGreaterThan(300);
    expect(sli.seconds.filter(({ ok }) => ok > 0).length).toBeGreaterThan(6);
    const after = await cluster.status();
    expect(after.leader).not.toBe(leader);
    expect(after.members.map(({ healthy }) => healthy)).toEqual([true, true, true]);
    // Stopped in the middle, it lets go of what it paused.
    const long = traceFile('long', 'replicas: 3\nfaults: [{ kind: pause, on: followers, at: 1s }]');
    const stopped = cluster.aegis('chaos', 'run', long);
    await stopped.line('the pause', 20_000, (line) => line.includes('begin pause'));
    const { members } = JSON.parse(readFileSync(join(cluster.folder, 'cluster.json'), 'utf8')) as {
      members: { process: { pid: number } }[];
    };
    const states = (): string[] =>
      members.map(
        ({ process }) => /State:\s+(\S)/.exec(readFileSync(`/proc/${process.pid}/status`, 'utf8'))![1]!,
      );
    const still = (many: number): Promise<true> =>
      // One in the middle of a sync stops after it.
      eventually(`${many} members standing still`, 10_000, () =>
        states().filter((state) => state === 'T').length === many ? true : undefined,
      );
    await still(2);
    stopped.signal('SIGTERM');
    expect(await stopped.status(20_000)).not.toBe(0);
    await still(0);
  },
);

bed.scenario(
  'a cluster that takes no faults, and one that does not fit, are left alone',
  60_000,
  async () => {
    const cluster = await UpCluster.start(bed, 'sound', 1, '--insecure');
    const path = traceFile('three', 'replicas: 3\nfaults: [{ kind: kill, on: leader, at: 1s }]');
    const deaf = cluster.aegis('chaos', 'run', path);
    expect([await deaf.status(20_000), deaf.stderr.join('\n')]).toEqual([
      2,
      expect.stringContaining('aegis up --allow-faults'),
    ]);
    const missing = bed.aegis(['--dir', join(bed.folder, 'nowhere'), 'chaos', 'run', path]);
    expect([await missing.status(20_000), missing.stderr.join('\n')]).toEqual([
      2,
      expect.stringContaining('no cluster runs in'),
    ]);
  },
);
