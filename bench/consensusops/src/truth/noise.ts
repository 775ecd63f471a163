import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningPids, type Target } from './target.js';

/** Of the kernel's clock, by which processors' time is counted. */
const TICKS_PER_SECOND = 100;
const EVERY_MS = 1_000;

/** What the machine did in one second that is none of the cluster's business or ours. */
export interface NoiseSample {
  readonly atMs: number;
  /** Processors that others used, stolen time included, and niced work left out. */
  readonly foreignCpu: number;
  /** What a write and sync of 512 bytes took beside the members' folders. */
  readonly fsyncMs: number;
  /** The part of the time in which something waited for the disk, by the kernel's pressure stall information; 0 where it has none. */
  readonly ioPressure: number;
}

/** Looks at the machine, every second. Linux. */
export async function watchNoise(
  target: Target,
  folder: string,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<NoiseSample[]> {
  const own = mkdtempSync(join(folder, 'probe-'));
  const file = openSync(join(own, 'file'), 'w');
  const samples: NoiseSample[] = [];
  const bytes = Buffer.alloc(512, 'p');
  let before = look(target);
  let beganMs = nowMs();
  try {
    while (!signal.aborted) {
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
      // Without a turn of this thread in between: how much else it has to do is not the disk's doing.
      const syncMs = nowMs();
      writeSync(file, bytes, 0, bytes.length, 0);
      fdatasyncSync(file);
      const atMs = nowMs();
      const now = look(target);
      const seconds = (atMs - beganMs) / 1000;
      if (seconds > 0.3)
        samples.push({
          atMs,
          foreignCpu: foreignCpu(before, now, seconds),
          fsyncMs: atMs - syncMs,
          ioPressure: (now.ioMicros - before.ioMicros) / 1e6 / seconds,
        });
      before = now;
      beganMs = atMs;
    }
  } finally {
    closeSync(file);
    rmSync(own, { recursive: true });
  }
  return samples;
}

/** Below it nobody else is at work. */
const QUIET_CPU = 0.15;
const QUIET_MS = 4_000;

/** Waits until others leave the machine alone for some seconds, and no longer than `mostMs`. */
export async function untilQuiet(target: Target, mostMs: number, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + mostMs;
  while (!signal.aborted && performance.now() < untilMs) {
    const before = look(target);
    const beganMs = performance.now();
    await sleep(QUIET_MS, undefined, { signal }).catch(() => undefined);
    if (foreignCpu(before, look(target), (performance.now() - beganMs) / 1000) < QUIET_CPU) return;
  }
}

function foreignCpu(before: Look, now: Look, seconds: number): number {
  const own = [...now.own].reduce((sum, [pid, ticks]) => sum + ticks - (before.own.get(pid) ?? 0), 0);
  return Math.max(0, (now.busy - before.busy - own) / TICKS_PER_SECOND / seconds);
}

interface Look {
  /** In ticks, of all processors. */
  readonly busy: number;
  /** By process. */
  readonly own: ReadonlyMap<number, number>;
  readonly ioMicros: number;
}

function look(target: Target): Look {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!;
  // Interrupts are left out: on a machine with nothing else to do they carry the cluster's own frames.
  // So is niced work: it gets what nobody else wants. What it spoils all the same, syncs and answers before the fault tell.
  const [user = 0, , system = 0, , , , , steal = 0] = line.trim().split(/\s+/).slice(1).map(Number);
  const pids = [process.pid, ...runningPids(target).values()];
  return {
    busy: user + system + steal,
    own: new Map(pids.map((pid) => [pid, ticksOf(pid)])),
    ioMicros: pressure(),
  };
}

function ticksOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

function pressure(): number {
  try {
    return Number(/^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/io', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
