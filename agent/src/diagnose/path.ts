import { layerOf, type Classification, type Signal, type SignalKind } from '../classify/index.js';
import { EFFECTS, placeKey, type Effect, type EffectKind } from './cause.js';
import type { Cause } from './diagnose.js';

/** Signals that are an effect by themselves. */
const SINGLE: Readonly<
  Partial<Record<SignalKind, { readonly effect: EffectKind; readonly at?: 'cluster' | 'clients' }>>
> = {
  silent: { effect: 'ReplicaSilent' },
  'leader-lost': { effect: 'LeaderLost', at: 'cluster' },
  elections: { effect: 'LeaderLost', at: 'cluster' },
  'no-quorum': { effect: 'LeaderLost', at: 'cluster' },
  'no-commits': { effect: 'AnswersLate', at: 'clients' },
  queueing: { effect: 'AnswersLate', at: 'clients' },
};

/** What came of a cause: what began no earlier, in order of time and of layers. */
export function pathOf(cause: Pick<Cause, 'onsetMs'>, { classes, signals }: Classification): Effect[] {
  const single = signals.flatMap((signal) => {
    const made = SINGLE[signal.kind];
    return made === undefined
      ? []
      : [
          {
            effect: made.effect,
            at: made.at ?? signal.at,
            onsetMs: signal.onsetMs,
            layer: layerOf(signal.kind),
          },
        ];
  });
  const whole = classes.flatMap((finding) =>
    placesOfClass(finding).map((at) => ({
      effect: finding.class,
      at,
      onsetMs: finding.onsetMs,
      layer: layerOf(finding.because[0]!.kind),
    })),
  );
  const first = new Map<string, (typeof whole)[number] | (typeof single)[number]>();
  for (const each of [...single, ...whole]) {
    const key = `${each.effect} ${placeKey(each.at)}`;
    if (each.onsetMs + TOLERANCE_MS < cause.onsetMs) continue;
    if ((first.get(key)?.onsetMs ?? Infinity) > each.onsetMs) first.set(key, each);
  }
  return [...first.values()]
    .sort(
      (a, b) =>
        a.onsetMs - b.onsetMs ||
        EFFECTS.indexOf(a.effect) - EFFECTS.indexOf(b.effect) ||
        (placeKey(a.at) < placeKey(b.at) ? -1 : 1),
    )
    .map(({ effect, at }) => ({ effect, at }));
}

/** Scrapes and smoothing blur what was first. */
const TOLERANCE_MS = 6_000;

function placesOfClass(finding: Classification['classes'][number]): readonly Signal['at'][] {
  switch (finding.class) {
    case 'ElectionStorm':
      return ['cluster'];
    case 'LeaseStarvation':
    case 'Overload':
      return ['clients'];
    case 'SplitBrain':
      // Without a majority it is the cluster that is apart.
      return finding.at.includes('cluster') ? ['cluster'] : finding.at;
    default:
      return finding.at;
  }
}
