import { placeKey } from '@aegis/agent/diagnose';
import { NOTHING, type Answer, type Method } from './method.js';
import { placeOf, tracksOf } from './subjects.js';

/** Whatever grew most, in proportion to what was usual, names class, place and fault. */
export const loudest: Method = {
  name: 'loudest counter',
  about: 'The feature that grew most in proportion to its first samples names class, place and fault.',
  grid: { times: [20, 3, 5, 10, 50, 100, 300], floor: [1, 0.01, 0.1, 10] },
  judge(window, { times = 20, floor = 1 }): Answer {
    const loud = tracksOf(window)
      .map((track) => {
        const peak = track.series
          .subarray(track.learned)
          .reduce((most, value) => (value > most ? value : most), 0);
        return { track, grown: peak / (Math.abs(track.mean) + track.deviation + floor * RESOLUTION) };
      })
      .sort((a, b) => b.grown - a.grown || (placeKey(a.track.at) < placeKey(b.track.at) ? -1 : 1));
    const [first] = loud;
    if (first === undefined || !(first.grown >= times)) return NOTHING;
    const causes = loud.slice(0, 3).map(({ track, grown }) => ({
      fault: track.meaning.fault,
      at: placeOf(track, track.meaning.fault),
      confidence: grown / loud.slice(0, 3).reduce((all, each) => all + each.grown, 0),
    }));
    const { class: name } = first.track.meaning;
    return { classes: [name], causes, path: [{ effect: name, at: causes[0]!.at }] };
  },
};

/** What was zero has to grow by something. */
const RESOLUTION = 0.01;
