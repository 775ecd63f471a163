import {
  checkPace,
  rollbackOf,
  SETTING_NAMES,
  type ConsensusSettings,
  type Patch,
} from '@aegis/replica/settings';

/** Of the rules of pace, those that settings alone decide; a person hears of them and is not held back. */
const TOLD = new Set(['pace-one-family', 'pace-at-most-double']);

/** Which rules of pace a person's change goes against, as the end of a sentence; empty if none. @param running undefined: nothing yet */
export function againstPace(running: ConsensusSettings | undefined, wanted: ConsensusSettings): string {
  if (running === undefined) return '';
  const changed = SETTING_NAMES.filter((name) => running[name] !== wanted[name]);
  if (changed.length === 0) return '';
  const patch: Patch = Object.fromEntries(changed.map((name) => [name, wanted[name]]));
  const change = { base: running, patch, rollback: rollbackOf(running, patch) };
  const broken = checkPace(change, { now: 0, dwellMs: 0, quorumMargin: 1 }).filter(({ id, passed }) => {
    return TOLD.has(id) && !passed;
  });
  if (broken.length === 0) return '';
  const said = broken.map(({ id, statement }) => `${id}: ${statement}`).join('; ');
  return `, against what binds the agent, and not people (${said})`;
}
