import type { Patch } from '@aegis/replica/settings';
// Not by way of its index: the comparison of runs brings the simulator's parts along, which the agent's process may not load.
import { EnvironmentError, environmentOf } from '../counterfactual/environment.js';
import { aimOf, PRIMARY } from '../counterfactual/signals.js';
import type { Incident } from '../graph/index.js';

/**
 * What a verifier is asked about an incident, as docs/counterfactual.md says: what was made out of its telemetry, and not the telemetry
 * itself, so that it fits wherever a verification is started. The same for the same incident and patch. Throws EnvironmentError where the
 * telemetry tells too little.
 */
export function question({ id, recording, replicas, profile, base }: Incident, patch: Patch): string {
  const { trace, surroundings, scrapeMs, classes, measured } = environmentOf(recording);
  const against = aimOf(patch, classes);
  if (against === undefined)
    throw new EnvironmentError('its newest part shows no class any more: there is nothing to be better');
  const observed = measured[PRIMARY[against].measure];
  return JSON.stringify({
    ...{ version: 1, incident: id, class: against, replicas, profile, base, patch, trace, surroundings },
    ...(Number.isFinite(observed) ? { observed } : {}),
    scrapeMs,
  });
}
