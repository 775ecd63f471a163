import { Random } from '@aegis/replica/sim';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../client.js';
import { runLoad } from '../load/load.js';
import type { Trace } from '../trace/trace.js';
import { Cast } from './cast.js';
import { effectsOf, type Effect } from './effects.js';
import { InForce } from './in-force.js';
import { SliRecorder, type Sli } from './sli.js';
import type { Stage } from './stage.js';
import { timelineOf, type Action } from './timeline.js';

/** What was done, and when: milliseconds since the trace began. */
export interface Done {
  readonly atMs: number;
  readonly what: Action['what'];
  readonly fault: number;
  readonly kind: string;
  /** Ids of those that it was done to. */
  readonly members: readonly number[];
  /** It could not be done, and why. */
  readonly error?: string;
}

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
  const director = new Director(trace, stage, cast, nowMs, options);
  const mending = setInterval(() => void director.mend(), MEND_EVERY_MS);
  try {
    await director.play(stopped);
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

/** Does what the timeline says, one thing after the other, and keeps a record. */
class Director {
  readonly done: Done[] = [];
  readonly #inForce: InForce;
  readonly #begun = new Map<string, readonly Effect[]>();
  /** Orders of one moment to another follow each other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly trace: Trace,
    private readonly stage: Stage,
    private readonly cast: Cast,
    private readonly nowMs: () => number,
    private readonly options: RunOptions,
  ) {
    this.#inForce = new InForce(stage);
  }

  async play(stopped: AbortSignal): Promise<void> {
    for (const action of timelineOf(this.trace)) {
      await wait(action.atMs - this.nowMs(), stopped);
      if (stopped.aborted) return;
      await this.#then(() => this.#act(action));
    }
  }

  mend(): Promise<void> {
    return this.#then(() => this.#inForce.mend().catch(() => undefined));
  }

  undo(): Promise<void> {
    return this.#then(() => this.#inForce.endAll());
  }

  async #act(action: Action): Promise<void> {
    const { fault: at, what, occurrence } = action;
    const key = `${at}/${occurrence}`;
    const fault = this.trace.faults[at]!;
    const atMs = Math.round(this.nowMs());
    let effects: readonly Effect[] = this.#begun.get(key) ?? [];
    const note = (error?: Error): void => {
      const members = [...new Set(effects.map(({ member }) => member))];
      const failure = error === undefined ? {} : { error: error.message };
      const done = { atMs, what, fault: at, kind: fault.kind, members, ...failure };
      this.done.push(done);
      this.options.onDone?.(done);
    };
    try {
      if (what === 'begin') {
        const meant = (target: string): Promise<readonly number[]> =>
          this.cast.meant(target, () => this.stage.leader());
        const members =
          'on' in fault ? await meant(fault.on) : 'from' in fault ? await meant(fault.from) : [];
        const peers = 'to' in fault ? await meant(fault.to) : [];
        effects = effectsOf(fault, members, peers);
        this.#begun.set(key, effects);
        await Promise.all(effects.map((effect) => this.#inForce.begin(effect)));
      } else await Promise.all(effects.map((effect) => this.#inForce.end(effect)));
      note();
    } catch (error) {
      note(error instanceof Error ? error : new Error(String(error), { cause: error }));
    }
  }

  #then<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }
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
