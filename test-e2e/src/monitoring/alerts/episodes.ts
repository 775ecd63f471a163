import { type AlertGroup, faultOf, type Trigger } from '@aegis/monitoring';

/** One fault, and all alerts that have to fire while it lasts. */
export interface Episode {
  readonly trigger: Trigger;
  readonly alerts: readonly string[];
}

/** What has to be done for the alerts to fire: each fault once, in the order of the alerts. */
export function episodesOf(groups: readonly AlertGroup[]): readonly Episode[] {
  const byFault = new Map<string, Episode>();
  for (const { name, trigger } of groups.flatMap(({ alerts }) => alerts)) {
    const fault = faultOf(trigger);
    const before = byFault.get(fault)?.alerts ?? [];
    byFault.set(fault, { trigger, alerts: [...before, name] });
  }
  return [...byFault.values()];
}
