import type { DiskSample, TruthLog } from '../truth/log.js';
import { merged, type Span } from './spans.js';

/** A look at the disk counts until the next one, and no longer than this: whoever stands still is not asked. */
const HOLDS_MS = 1_000;

/** When something was so of a member's disk. */
export function diskSpans({ disks }: TruthLog, member: number, is: (sample: DiskSample) => boolean): Span[] {
  const own = disks.filter((sample) => sample.member === member);
  return merged(
    own.flatMap((sample, index) => {
      const toMs = Math.min(own[index + 1]?.atMs ?? sample.atMs, sample.atMs + HOLDS_MS);
      return is(sample) ? [{ fromMs: sample.atMs, toMs }] : [];
    }),
  );
}
