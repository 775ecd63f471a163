import { Random } from '@aegis/replica/sim';
import type { Trace } from '@aegis/client/chaos';
import type { ControlKind } from '../labels/index.js';
import { fit } from './fit.js';
import type { Template } from './templates.js';

/** What is to be recorded. */
export interface Planned {
  readonly template: string;
  readonly control: ControlKind | null;
  readonly heldOut: boolean;
  /** Of this case alone. */
  readonly seed: number;
  readonly trace: Trace;
}

/** Draws cases without an end, always the same for a seed; each is one more try. */
export class Draw {
  readonly #incidents: Deck;
  readonly #controls: Deck;

  /** @param seed of the set */
  constructor(
    seed: number,
    {
      incidents,
      controls,
    }: { readonly incidents: readonly Template[]; readonly controls: readonly Template[] },
  ) {
    const random = new Random(seed);
    this.#incidents = new Deck(incidents, random.fork());
    this.#controls = new Deck(controls, random.fork());
  }

  incident(): Planned {
    return this.#incidents.next();
  }

  control(): Planned {
    return this.#controls.next();
  }
}

/** Templates in an order by chance; all of them come before any comes again. */
class Deck {
  #left: Template[] = [];

  constructor(
    private readonly all: readonly Template[],
    private readonly random: Random,
  ) {
    if (all.length === 0) throw new Error('there is no template to draw from');
  }

  next(): Planned {
    if (this.#left.length === 0) this.#left = this.random.shuffled(this.all);
    const { trace, control, heldOut } = this.#left.shift()!;
    const seed = this.random.below(2 ** 31);
    return { template: trace.name, control, heldOut, seed, trace: fit(trace, new Random(seed)) };
  }
}
