import type { TruthLog } from '../truth/log.js';
import { merged, type Span } from './spans.js';

/** From the last question that a member answered to the next that it answers. */
export function silentSpans({ statuses }: TruthLog, member: number): Span[] {
  const spans: Span[] = [];
  let sinceMs: number | undefined;
  for (const sample of statuses) {
    if (sample.member !== member) continue;
    if (sample.status === undefined) sinceMs ??= sample.sentMs;
    else if (sinceMs !== undefined && sample.sentMs > sinceMs) {
      spans.push({ fromMs: sinceMs, toMs: sample.sentMs });
      sinceMs = undefined;
    }
  }
  const lastMs = statuses.at(-1)?.endedMs ?? 0;
  return merged(sinceMs === undefined ? spans : [...spans, { fromMs: sinceMs, toMs: lastMs }]);
}
