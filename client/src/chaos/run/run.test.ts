import { Random } from '@aegis/replica/sim';
import { expect, test } from '@jest/globals';
import type { Client } from '../../client.js';
import { readTrace } from '../trace/read-trace.js';
import type { Trace } from '../trace/trace.js';
import { Cast } from './cast.js';
import { InForce } from './in-force.js';
import { effectsOf } from './effects.js';
import { runTrace } from './run-trace.js';
import { SliRecorder } from './sli.js';
import type { Order, Stage } from './stage.js';
import { timelineOf } from './timeline.js';

const trace = (rest: string): Trace => readTrace(`name: one\nabout: x.\nduration: 10s\n${rest}`, 'here');

/** Notes what is done, in order. */
class NotingStage implements Stage {
  readonly members = [1, 2, 3, 4, 5];
  readonly log: string[] = [];
  readonly lives = new Map<number, string>();
  refuses: string | undefined;

  leader = async (): Promise<number> => 3;
  order = async (member: number, { fault, ...fields }: Order): Promise<void> => {
    if (fault === this.refuses) throw new Error('not today');
    this.log.push(`${member} ${fault} ${JSON.stringify(fields)}`);
  };
  kill = async (member: number): Promise<void> => void this.log.push(`${member} kill`);
  pause = async (member: number): Promise<void> => void this.log.push(`${member} pause`);
  resume = async (member: number): Promise<void> => void this.log.push(`${member} resume`);
  throttle = async (member: number, percent: number | undefined): Promise<void> =>
    void this.log.push(`${member} cpu ${percent}`);
  handOver = async (to: number): Promise<void> => void this.log.push(`lead ${to}`);
  life = (member: number): string | undefined => this.lives.get(member) ?? 'first';
}

test('the timeline has every beginning and end in order; at one moment what ends comes first', () => {
  const { faults, durationMs, ...rest } = trace(`faults:
  - { kind: pause, on: leader, at: 2s, for: 1s, every: 3s }
  - { kind: kill, on: all, at: 3s }
  - { kind: disk, on: all, at: 8s }`);
  expect(
    timelineOf({ faults, durationMs, ...rest }).map(({ atMs, what, fault, occurrence }) => [
      atMs,
      what,
      fault,
      occurrence,
    ]),
  ).toEqual([
    [2000, 'begin', 0, 0],
    [3000, 'end', 0, 0],
    [3000, 'begin', 1, 0],
    [5000, 'begin', 0, 1],
    [6000, 'end', 0, 1],
    [8000, 'begin', 0, 2],
    [8000, 'begin', 2, 0],
    [9000, 'end', 0, 2],
  ]);
});

test('roles are drawn from the seed: each its own member, the leader for the leader', async () => {
  const members = [1, 2, 3, 4, 5];
  const roles = trace('roles: { a: any, b: follower, c: leader, d: follower }');
  const seen = new Set<string>();
  for (let seed = 0; seed < 50; seed++) {
    const cast = new Cast(roles, members, 3, new Random(seed));
    const { a, b, c, d } = cast.roles;
    expect(c).toBe(3);
    expect(new Set([a, b, c, d]).size).toBe(4);
    expect(await cast.meant('others', async () => 1)).toEqual(
      members.filter((id) => ![a, b, c, d].includes(id)),
    );
    expect(await cast.meant('leader', async () => 5)).toEqual([5]);
    expect(await cast.meant('followers', async () => 5)).toEqual([1, 2, 3, 4]);
    seen.add([a, b, d].join());
    expect(new Cast(roles, members, 3, new Random(seed)).roles).toEqual(cast.roles);
  }
  expect(seen.size).toBeGreaterThan(10);
});

test('a link in both directions is cut once each way, and between all of a group', () => {
  const fault = {
    kind: 'link',
    from: 'x',
    to: 'y',
    both: true,
    cut: true,
    delayMs: 0,
    jitterMs: 0,
    lossPercent: 0,
    bytesPerSecond: 0,
  } as const;
  const ways = (from: number[], to: number[]): string[] =>
    effectsOf(fault, from, to)
      .map(({ member, subject }) => `${member} ${subject}`)
      .sort();
  expect(ways([1], [2, 3])).toEqual(['1 link 2', '1 link 3', '2 link 1', '3 link 1']);
  expect(ways([1, 2, 3], [1, 2, 3])).toEqual([
    '1 link 2',
    '1 link 3',
    '2 link 1',
    '2 link 3',
    '3 link 1',
    '3 link 2',
  ]);
});

test('of two faults on one thing the later counts while it lasts, and the earlier comes back', async () => {
  const stage = new NotingStage();
  const inForce = new InForce(stage);
  const [slow] = effectsOf({ kind: 'fsync', on: 'x', slowMs: 10, stalled: false }, [1], []);
  const [stalled] = effectsOf({ kind: 'fsync', on: 'x', slowMs: 0, stalled: true }, [1], []);
  await inForce.begin(slow!);
  await inForce.begin(stalled!);
  await inForce.end(stalled!);
  // What is not in force any more is undone without a word.
  await inForce.begin(stalled!);
  await inForce.end(slow!);
  await inForce.end(stalled!);
  expect(stage.log).toEqual([
    '1 fsync {"slowMs":10,"stalled":false}',
    '1 fsync {"slowMs":0,"stalled":true}',
    '1 fsync {"slowMs":10,"stalled":false}',
    '1 fsync {"slowMs":0,"stalled":true}',
    '1 fsync {}',
  ]);
});

test('a member that stands still is told when it goes on, and nobody waits for it; one that was started anew is told by then', async () => {
  const stage = new NotingStage();
  const inForce = new InForce(stage);
  const [pause] = effectsOf({ kind: 'pause', on: 'x' }, [1], []);
  const [slow] = effectsOf({ kind: 'fsync', on: 'x', slowMs: 10, stalled: false }, [1], []);
  const [full] = effectsOf({ kind: 'disk', on: 'x', full: true }, [1], []);
  const [stall] = effectsOf({ kind: 'stall', on: 'x', ms: 5 }, [1], []);
  for (const effect of [pause!, slow!, full!, stall!]) await inForce.begin(effect);
  await inForce.end(slow!);
  expect(stage.log).toEqual(['1 pause']);
  await inForce.end(pause!);
  expect(stage.log.splice(0)).toEqual([
    '1 pause',
    '1 resume',
    '1 disk {"full":true}',
    '1 stall {"ms":5}',
    '1 fsync {}',
  ]);
  await inForce.begin(pause!);
  await inForce.begin(slow!);
  stage.lives.set(1, 'second');
  await inForce.mend();
  await inForce.end(full!);
  expect(stage.log).toEqual([
    '1 pause',
    '1 disk {"full":true}',
    '1 fsync {"slowMs":10,"stalled":false}',
    '1 disk {}',
  ]);
});

test('a member that was started anew is told again', async () => {
  const stage = new NotingStage();
  const inForce = new InForce(stage);
  for (const effect of effectsOf({ kind: 'garbage', on: 'x', mbPerSecond: 5 }, [1, 2], []))
    await inForce.begin(effect);
  await inForce.mend();
  stage.lives.set(2, 'second');
  await inForce.mend();
  await inForce.mend();
  expect(stage.log).toEqual([
    '1 garbage {"mbPerSecond":5}',
    '2 garbage {"mbPerSecond":5}',
    '2 garbage {"mbPerSecond":5}',
  ]);
});

test('a run does what the trace says, notes what could not be done, and undoes all when it is stopped', async () => {
  const stage = new NotingStage();
  stage.refuses = 'garbage';
  const stop = new AbortController();
  const one = readTrace(
    `name: one\nabout: x.\nduration: 60s\nfaults:
  - { kind: fsync, on: leader, slowMs: 7 }
  - { kind: garbage, on: leader, mbPerSecond: 7, at: 20ms }
  - { kind: pause, on: leader, at: 40ms }`,
    'here',
  );
  const done: string[] = [];
  const running = runTrace(one, stage, {
    connect: (): Client => {
      throw new Error('there is no load');
    },
    signal: stop.signal,
    onDone: ({ what, kind, error }) => {
      done.push(`${what} ${kind} ${error ?? ''}`);
      if (kind === 'pause') stop.abort();
    },
  });
  await expect(running).rejects.toThrow();
  expect(done).toEqual(['begin fsync ', 'begin garbage not today', 'begin pause ']);
  expect(stage.log).toEqual(['3 fsync {"slowMs":7,"stalled":false}', '3 pause', '3 resume', '3 fsync {}']);
});

test('what clients see is counted by the second, and the longest gap is kept', () => {
  const sli = new SliRecorder();
  sli.ok(100, 5);
  sli.ok(900, 15);
  sli.failed(1500, Object.assign(new Error('x'), { code: 'TIMEOUT' }));
  sli.ok(3400, 1);
  expect(sli.summary()).toEqual({
    ok: 3,
    failed: 1,
    errors: { TIMEOUT: 1 },
    longestGapMs: 2500,
    seconds: [
      { second: 0, ok: 2, failed: 0, p50: 5, p99: 15, max: 15 },
      { second: 1, ok: 0, failed: 1, p50: 0, p99: 0, max: 0 },
      { second: 3, ok: 1, failed: 0, p50: 1, p99: 1, max: 1 },
    ],
  });
});
