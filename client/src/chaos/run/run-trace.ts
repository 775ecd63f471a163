import { Random } from '@aegis/replica/sim';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../client.js';
import { runLoad } from '../load/load.js';
import type { Trace } from '../trace/trace.js';
import { Cast } from './cast.js';
import { Director, type Done } from './director.js';
import { SliRecorder, type Sli } from './sli.js';
import type { Stage } from './stage.js';
import { timelineOf } from './timeline.js';

export interface RunResult {
  readonly trace: string;
  readonly seed: number;
  /** ISO 8601. */
  readonly beganAt: string;
  readonly durationMs: number;
  readonly roles: Readonly<Record<string, number>>;
  readonly done: readonly Done[];
  /** What the clients of its load saw; undefined: it has none. */
  readonly sli: Sli | undefined;
}

export interface RunOptions {
  /** Instead of the trace's own. */
  readonly seed?: number;
  /** Clients for the load; each is closed in the end. */
  readonly connect: () => Client;
  readonly onDone?: (done: Done) => void;
  /** Ends it early; all is undone all the same. */
  readonly signal: AbortSignal;
}

const CONNECTIONS_MAX = 20;
const MEND_EVERY_MS = 250;

/** Lets a trace happen to a cluster, and undoes all of it, however it ends. */
export async function runTrace(trace: Trace, stage: Stage, options: RunOptions): Promise<RunResult> {
  const seed = options.seed ?? trace.seed;
  const random = new Random(seed);
  const cast = new Cast(trace, stage.members, await stage.leader(), random.fork());
  const recorder = new SliRecorder();
  const over = new AbortController();
  const beganAt = new Date().toISOString();
  const beganMs = performance.now();
  const nowMs = (): number => performance.now() - beganMs;
  const stopped = AbortSignal.any([over.signal, options.signal]);
  const load = startLoad(trace, options, random, recorder, nowMs, stopped);
  const director = new Director(trace, stage, cast, nowMs, options.onDone);
  const mending = setInterval(() => void director.mend(), MEND_EVERY_MS);
  try {
    for (const action of timelineOf(trace)) {
      await wait(action.atMs - nowMs(), stopped);
      if (stopped.aborted) break;
      await director.act(action);
    }
    await wait(trace.durationMs - nowMs(), stopped);
  } finally {
    clearInterval(mending);
    over.abort();
    await director.undo();
    await load;
  }
  options.signal.throwIfAborted();
  return {
    trace: trace.name,
    seed,
    beganAt,
    durationMs: trace.durationMs,
    roles: cast.roles,
    done: director.done,
    sli: trace.load.length === 0 ? undefined : recorder.summary(),
  };
}

async function startLoad(
  { load, durationMs }: Trace,
  { connect }: RunOptions,
  random: Random,
  recorder: SliRecorder,
  nowMs: () => number,
  stopped: AbortSignal,
): Promise<void> {
  if (load.length === 0) return;
  const most = Math.max(...load.map(({ clients }) => clients));
  const connections = Array.from({ length: Math.min(CONNECTIONS_MAX, most) }, connect);
  try {
    await Promise.all(
      load.map(async (entry) => {
        await wait(entry.atMs - nowMs(), stopped);
        if (stopped.aborted) return;
        const own = new AbortController();
        const endMs = Math.min(durationMs, entry.atMs + (entry.forMs ?? Infinity));
        const timer = setTimeout(() => own.abort(), endMs - nowMs());
        try {
          await runLoad(entry, {
            connections,
            connect,
            random: random.fork(),
            ok: (tookMs) => recorder.ok(nowMs(), tookMs),
            failed: (error) => recorder.failed(nowMs(), error),
            over: AbortSignal.any([own.signal, stopped]),
          });
        } finally {
          clearTimeout(timer);
        }
      }),
    );
  } finally {
    await Promise.allSettled(connections.map((client) => client.close()));
  }
}

async function wait(ms: number, stopped: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal: stopped }).catch(() => undefined);
}
