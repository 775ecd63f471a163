import { nonceOf, type Observed, placeAt } from './observed.js';
import { type Step, wait } from './step.js';

/** Nothing is begun twice: the record is made only while every folder is new, and a member without it is a riddle for people. */
export function firstStep(observed: Observed): Step | undefined {
  const { record, recordKept, size, places } = observed;
  if (record !== undefined) return undefined;
  if (recordKept) return { kind: 'restore-record' };
  const members = places.filter(({ folder }) => folder.state === 'member');
  if (members.length > 0) {
    const which = members.map(({ ordinal }) => ordinal).join(', ');
    const message = `there are members (in places ${which}) but no record of the first ones: restore it from a backup of the objects`;
    return { kind: 'stuck', reason: 'RecordLost', message };
  }
  const first = Array.from({ length: size }, (_, ordinal) => placeAt(observed, ordinal));
  const missing = first.flatMap((place, ordinal) => (nonceOf(place) === undefined ? [ordinal] : []));
  if (missing.length > 0)
    return wait('FirstMembers', `waiting for the pods ${missing.join(', ')} to report their empty volumes`);
  return { kind: 'record', nonces: first.map((place) => nonceOf(place)!) };
}
