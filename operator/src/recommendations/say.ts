import type { TuningRecommendation } from '@aegis/crds';
import type { Context } from '../context.js';
import { writeStatus, type StatusChange } from './status.js';

/** Writes a status with its reason, and says the same as an event, once. */
export async function say(
  context: Context,
  about: TuningRecommendation,
  change: StatusChange & { readonly reason: string; readonly message: string },
  type: 'Normal' | 'Warning' = 'Normal',
): Promise<void> {
  if (!(await writeStatus(context, about, change))) return;
  const { reason, message } = change;
  await context.record(about, { type, reason, message });
}

/** Ends a recommendation that nobody can verify. */
export function reject(
  context: Context,
  about: TuningRecommendation,
  reason: string,
  message: string,
): Promise<void> {
  const conditions = { Verifying: { status: 'False', reason, message } } as const;
  return say(context, about, { phase: 'Rejected', reason, message, conditions }, 'Warning');
}
