import { placeKey } from '@aegis/agent/diagnose';
import { NOTHING, type Answer, type Method } from './method.js';
import { flagged, placeOf, tracksOf } from './subjects.js';

/** Whatever left what is usual first, and stayed away, names class, place and fault. */
export const earliest: Method = {
  name: 'earliest onset',
  about: 'The feature that left its usual range first, three times in a row, names class, place and fault.',
  grid: { bound: [4, 3, 6, 10, 20, 50], floor: [0.2, 0.05, 1] },
  judge(window, { bound = 4, floor = 0.2 }): Answer {
    const first = tracksOf(window)
      .flatMap((track) => {
        const [onset] = flagged(track, { bound, run: 3, floor });
        return onset === undefined ? [] : [{ track, index: onset.index, size: Math.abs(onset.z) }];
      })
      .sort(
        (a, b) =>
          a.index - b.index || b.size - a.size || (placeKey(a.track.at) < placeKey(b.track.at) ? -1 : 1),
      );
    const [top] = first;
    if (top === undefined) return NOTHING;
    const causes = first.slice(0, 3).map(({ track }, rank) => ({
      fault: track.meaning.fault,
      at: placeOf(track, track.meaning.fault),
      confidence: 1 / (rank + 2),
    }));
    const { class: name } = top.track.meaning;
    return { classes: [name], causes, path: [{ effect: name, at: causes[0]!.at }] };
  },
};
