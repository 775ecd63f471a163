import { placeKey, type FaultKind, type IncidentClass, type Where } from '@aegis/agent/diagnose';
import { NOTHING, type Answer, type Method } from './method.js';
import { flagged, placeOf, tracksOf } from './subjects.js';

interface Sum {
  readonly at: Where;
  total: number;
  readonly faults: Map<FaultKind, number>;
}

/**
 * Mean and deviation of the first 30 samples of each feature of each replica or link; flagged where |z| > 3 three times in a row; the
 * class with the largest sum of |z|; the replica or link with the largest sum, and the fault of its top feature. The search chooses what
 * the definition leaves open: what stands for the deviation of what never moved, and how much a single value may count.
 */
export const threeSigma: Method = {
  name: 'three-sigma',
  about:
    'Features far from their first 30 samples; the class, and the replica or link, with the largest sum.',
  grid: { floor: [0.05, 0.01, 0.2, 1], most: [1000, 10, 30, 100] },
  judge(window, { floor = 0.05, most = 1000 }): Answer {
    const classes = new Map<IncidentClass, number>();
    const places = new Map<string, Sum>();
    for (const track of tracksOf(window)) {
      const sum = flagged(track, { bound: 3, run: 3, floor }).reduce(
        (all, { z }) => all + Math.min(most, Math.abs(z)),
        0,
      );
      if (sum === 0) continue;
      const { class: name, fault } = track.meaning;
      classes.set(name, (classes.get(name) ?? 0) + sum);
      const key = placeKey(track.at);
      const place = places.get(key) ?? { at: track.at, total: 0, faults: new Map() };
      places.set(key, place);
      place.total += sum;
      place.faults.set(fault, Math.max(place.faults.get(fault) ?? 0, sum));
    }
    const [top] = largest(classes);
    if (top === undefined) return NOTHING;
    const all = [...places.values()].reduce((total, place) => total + place.total, 0);
    const causes = [...places.values()]
      .sort((a, b) => b.total - a.total || (placeKey(a.at) < placeKey(b.at) ? -1 : 1))
      .map(({ at, total, faults }) => {
        const fault = largest(faults)[0]![0];
        return { fault, at: placeOf({ at }, fault), confidence: total / all };
      });
    return { classes: [top[0]], causes, path: [{ effect: top[0], at: causes[0]!.at }] };
  },
};

function largest<K extends string>(sums: ReadonlyMap<K, number>): [K, number][] {
  return [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
