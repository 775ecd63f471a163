import { familiesOf, type Family, type Patch } from '@aegis/replica/settings';
import type { IncidentClass } from '../diagnose/index.js';
import type { MeasureName } from './measures.js';

/** What a patch against a class has to make smaller. Fixed before any run, so that nobody looks for what happens to fit. */
export const PRIMARY: Readonly<
  Record<IncidentClass, { readonly measure: MeasureName; readonly why: string }>
> = {
  ElectionStorm: { measure: 'elections', why: 'The storm is the elections.' },
  SplitBrain: {
    measure: 'lost',
    why: 'A minority that believes itself whole is felt as writes that nobody commits.',
  },
  SlowFollower: { measure: 'lag', why: 'Slow is who is behind, and by how much of what was written.' },
  LeaseStarvation: { measure: 'expiries', why: 'Starved leases end though their holders live.' },
  DiskStall: {
    measure: 'lost',
    why: 'No setting mends a disk; what can be better is how much the cluster stands still for it.',
  },
  Overload: { measure: 'wait', why: 'What is too much waits.' },
};

/** Against what a family of settings is tuned. */
const AIMS: Readonly<Record<Family, IncidentClass | undefined>> = {
  timing: 'ElectionStorm',
  flow: 'SlowFollower',
  snapshots: 'SlowFollower',
  leases: 'LeaseStarvation',
  quota: undefined,
  alerts: undefined,
};

/** The class that a patch is to be judged by, of those of an incident; the first, if it is aimed at none of them. */
export function aimOf(patch: Patch, classes: readonly IncidentClass[]): IncidentClass | undefined {
  const aims = familiesOf(patch).map((family) => AIMS[family]);
  return classes.find((name) => aims.includes(name)) ?? classes[0];
}

/** By how much a signal may be worse under the patch: the larger of both. Above it the patch does harm, whatever it improves. */
export interface Margin {
  /** In the measure's unit. */
  readonly by: number;
  /** Of what it was. */
  readonly share: number;
  readonly why: string;
}

export const HARM: Readonly<Record<MeasureName, Margin>> = {
  elections: {
    by: 1,
    share: 0.25,
    why: 'Each is a second without a leader; one more in a minute may be chance.',
  },
  lost: {
    by: 2,
    share: 0.25,
    why: 'A leader that is truly gone may be missed for one election timeout of 2 s more, once a minute.',
  },
  lag: {
    by: 0.5,
    share: 0.5,
    why: 'Half a second of writes is more than sound links and disks make.',
  },
  snapshots: { by: 1, share: 0.5, why: 'One is how a follower comes back.' },
  expiries: { by: 1, share: 0.25, why: 'Each is a holder that lost what it held: one may be chance.' },
  failures: {
    by: 50,
    share: 0.5,
    why: 'A leader that gives up sooner fails what would have waited for longer; clients try again. One in twenty more is no trade any longer.',
  },
  wait: {
    by: 20,
    share: 0.5,
    why: 'A fifth of a heartbeat interval (100 ms): below it nobody waits for another reason than before.',
  },
};

/** How near a replay has to come to what was measured. */
export const REPRODUCED_WITHIN = 0.3;
