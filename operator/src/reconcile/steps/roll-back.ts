import { COMES_BACK_MS } from '../../members/roll.js';
import type { Step } from '../../members/step.js';
import { refuseSettings } from '../settings/refused.js';
import { changed, type Move, type Outcome } from './move.js';

/** The settings that were healthy last are wanted again; those that were tried are not tried any more. */
export async function rollBack(
  { context, cluster, wantedSettings, pods }: Move,
  { ordinal }: Extract<Step, { kind: 'roll-back' }>,
): Promise<Outcome> {
  const said = pods.find((pod) => pod.ordinal === ordinal)?.unready;
  const why =
    `the member in place ${ordinal} did not come back as a caught-up voter within ${COMES_BACK_MS / 1000} s with the new settings` +
    `${said === undefined ? '' : ` (it says: ${said})`}: the last healthy ones are restored. Change the settings to have others tried`;
  await refuseSettings(context, cluster, wantedSettings, why);
  return changed('RolledBack', why);
}
