import type { AlertGroup, Trigger } from '@aegis/monitoring';

/** One fault, and all alerts that have to fire while it lasts. */
export interface Episode {
  readonly trigger: Exclude<Trigger, { kind: 'none' }>;
  readonly alerts: readonly string[];
}

/** What has to be done for the alerts to fire: each fault once, in the order of the alerts. */
export function episodesOf(groups: readonly AlertGroup[]): readonly Episode[] {
  const byFault = new Map<string, Episode>();
  for (const { name, trigger } of groups.flatMap(({ alerts }) => alerts)) {
    if (trigger.kind === 'none') continue;
    const fault = faultOf(trigger);
    const before = byFault.get(fault)?.alerts ?? [];
    byFault.set(fault, { trigger, alerts: [...before, name] });
  }
  return [...byFault.values()];
}

/** What the fault is called in tables. */
export function faultOf(trigger: Episode['trigger']): string {
  switch (trigger.kind) {
    case 'trace':
      return trigger.name;
    case 'trace-with-settings':
      return `${trigger.name}, with its settings`;
    case 'stop':
      return trigger.what === 'api-server' ? 'the API server refuses' : `the ${trigger.what} stops`;
  }
}

/** Alerts that nothing makes fire here, with the reason. */
export function notLive(groups: readonly AlertGroup[]): readonly { name: string; why: string }[] {
  return groups
    .flatMap(({ alerts }) => alerts)
    .flatMap(({ name, trigger }) => (trigger.kind === 'none' ? [{ name, why: trigger.why }] : []));
}
