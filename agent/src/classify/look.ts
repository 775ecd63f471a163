import type { Where } from '../diagnose/cause.js';
import {
  LINK_FEATURES,
  REPLICA_FEATURES,
  type LinkFeature,
  type ReplicaFeature,
  type ReplicaWindow,
  type Series,
  type Unit,
  type Window,
} from '../telemetry/index.js';
import type { Bounds } from './bounds.js';
import { folded, largestOf, medianOf, quantileOf, smoothed, stepsOf, sum, type Spell } from './series.js';
import type { Signal, SignalKind } from './signal.js';

/** One direction between two replicas. */
export interface Link {
  /** `ash birch` */
  readonly name: string;
  readonly from: ReplicaWindow;
  readonly to: ReplicaWindow;
  readonly features: Readonly<Record<LinkFeature, Series>>;
}

function unitOf(feature: Signal['feature']): Unit {
  if (feature === 'answered') return 'flag';
  return feature in REPLICA_FEATURES
    ? REPLICA_FEATURES[feature as ReplicaFeature].unit
    : LINK_FEATURES[feature as LinkFeature].unit;
}

/** What is usual is what a fifth of the time stays below: also of a window that is mostly bad. */
const USUAL_SHARE = 0.2;

/** A window with what all detectors ask of it, worked out once. */
export class Look {
  readonly timesMs: readonly number[];
  readonly stepsMs: readonly number[];
  readonly replicas: readonly ReplicaWindow[];
  readonly links: readonly Link[];
  /** The one that leads, of the newest term, for each moment; the last one known while it does not answer. */
  readonly leaders: readonly (ReplicaWindow | undefined)[];
  readonly #known = new Map<string, unknown>();
  readonly #smooth = new Map<Series, Series>();

  constructor(
    readonly window: Window,
    readonly bounds: Bounds,
  ) {
    this.timesMs = window.timesMs;
    this.stepsMs = stepsOf(window.timesMs);
    this.replicas = window.replicas;
    const byName = new Map(window.replicas.map((replica) => [replica.name, replica]));
    this.links = window.replicas.flatMap((from) =>
      Object.entries(from.links).map(([to, features]) => ({
        name: `${from.name} ${to}`,
        from,
        to: byName.get(to)!,
        features,
      })),
    );
    this.leaders = this.#leaders();
  }

  /** Worked out by whoever asks first. */
  once<T>(key: string, make: () => T): T {
    if (!this.#known.has(key)) this.#known.set(key, make());
    return this.#known.get(key) as T;
  }

  /** What a feature is for most replicas when nothing is wrong. NaN: nobody tells. */
  usual(name: ReplicaFeature): number {
    return this.once(name, () =>
      medianOf(this.replicas.map(({ features }) => quantileOf(features[name], USUAL_SHARE))),
    );
  }

  usualOfLinks(name: LinkFeature): number {
    return this.once(`link ${name}`, () =>
      medianOf(this.links.map(({ features }) => quantileOf(features[name], USUAL_SHARE))),
    );
  }

  /** Over `smoothMs`. */
  smooth(series: Series): Series {
    let known = this.#smooth.get(series);
    if (known === undefined)
      this.#smooth.set(series, (known = smoothed(series, this.timesMs, this.bounds.smoothMs)));
    return known;
  }

  /** Of all replicas together. */
  total(name: ReplicaFeature): Series {
    return this.once(`total ${name}`, () =>
      folded(
        this.replicas.map(({ features }) => features[name]),
        (one, other) => one + other,
      ),
    );
  }

  most(name: ReplicaFeature): Series {
    return this.once(`most ${name}`, () =>
      folded(
        this.replicas.map(({ features }) => features[name]),
        Math.max,
      ),
    );
  }

  /** What a series of the whole cluster is most of the time. */
  usualOf(series: Series): number {
    return quantileOf(series, USUAL_SHARE);
  }

  /** The signal of a spell; of several, from the first to the last. */
  signal(
    kind: SignalKind,
    at: Where,
    spells: readonly Spell[],
    seen: {
      readonly feature: Signal['feature'];
      readonly values: Series;
      readonly bound: number;
      readonly below?: true;
      /** What the values are in, if they are not the feature's own. */
      readonly unit?: Unit;
    },
  ): Signal[] {
    const [first, last] = [spells[0], spells.at(-1)];
    if (first === undefined || last === undefined) return [];
    const { feature, values, bound, below } = seen;
    const told = spells.flatMap((spell) => [...values.subarray(spell.first, spell.last + 1)]);
    const worst = below ? -largestOf(told.map((value) => -value)) : largestOf(told);
    const unit = seen.unit ?? unitOf(feature);
    const seenMs = sum(spells.map((spell) => spell.seenMs));
    return [
      {
        kind,
        at,
        feature,
        unit,
        onsetMs: this.timesMs[first.first]!,
        lastMs: this.timesMs[last.last]!,
        seenMs,
        longestMs: Math.max(...spells.map((spell) => spell.seenMs)),
        worst,
        bound,
      },
    ];
  }

  #leaders(): (ReplicaWindow | undefined)[] {
    let last: ReplicaWindow | undefined;
    return this.timesMs.map((_, index) => {
      const leading = this.replicas.filter(({ features }) => features.leads[index] === 1);
      const terms = leading.map(({ features }) => features.term[index]!);
      const newest = leading.find((_, at) => terms[at] === largestOf(terms)) ?? leading[0];
      if (newest !== undefined) last = newest;
      return last;
    });
  }
}
