import type { Trace } from '../trace/trace.js';
import type { Cast } from './cast.js';
import { effectsOf, type Effect } from './effects.js';
import { InForce } from './in-force.js';
import type { Stage } from './stage.js';
import type { Action } from './timeline.js';

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

/** Does what a timeline says, one thing after the other, and keeps a record. Who calls it knows the time. */
export class Director {
  readonly done: Done[] = [];
  readonly #inForce: InForce;
  readonly #begun = new Map<string, readonly Effect[]>();
  /** What is to be done waits for what was before. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param nowMs since the trace began */
  constructor(
    private readonly trace: Trace,
    private readonly stage: Stage,
    private readonly cast: Cast,
    private readonly nowMs: () => number,
    private readonly onDone?: (done: Done) => void,
  ) {
    this.#inForce = new InForce(stage);
  }

  /** Does it, or notes that it could not be done. */
  act(action: Action): Promise<void> {
    return this.#then(() => this.#act(action));
  }

  /** Does again what was lost because members were started anew. */
  mend(): Promise<void> {
    return this.#then(() => this.#inForce.mend().catch(() => undefined));
  }

  /** Undoes all that lasts. */
  undo(): Promise<void> {
    return this.#then(() => this.#inForce.endAll());
  }

  async #act({ fault: at, what, occurrence }: Action): Promise<void> {
    const key = `${at}/${occurrence}`;
    const fault = this.trace.faults[at]!;
    const atMs = Math.round(this.nowMs());
    let effects: readonly Effect[] = this.#begun.get(key) ?? [];
    const note = (error?: Error): void => {
      const members = [...new Set(effects.map(({ member }) => member))];
      const failure = error === undefined ? {} : { error: error.message };
      const done = { atMs, what, fault: at, kind: fault.kind, members, ...failure };
      this.done.push(done);
      this.onDone?.(done);
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
