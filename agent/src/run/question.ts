import type { Patch } from '@aegis/replica/settings';
import { classify } from '../classify/index.js';
import type { Incident } from '../graph/index.js';
import { windowOf } from '../telemetry/index.js';

/** What a verifier is asked about an incident. The same for the same incident and patch. */
export function question({ recording, replicas, profile, base }: Incident, patch: Patch): string {
  const { classes } = classify(windowOf(recording));
  return JSON.stringify({
    format: 'aegis-verification',
    version: 1,
    class: classes[0]?.class,
    replicas,
    profile,
    settings: base,
    patch,
  });
}
