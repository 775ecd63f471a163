import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from '@aegis/client/chaos';
import type { DiskSample } from './log.js';
import type { Target } from './target.js';

const EVERY_MS = 200;

/** What a member's faulty disk says of itself (docs/faults.md). */
interface Shown {
  readonly fsync?: { readonly slowMs?: number; readonly stalled?: boolean };
  readonly disk?: { readonly full?: boolean };
}

/** Asks the disk under each member, over and over; who does not answer is asked again when it has. */
export async function watchDisks(
  { members }: Target,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<DiskSample[]> {
  const samples: DiskSample[] = [];
  await Promise.all(
    members.map(async ({ id, faults }) => {
      while (!signal.aborted) {
        const atMs = nowMs();
        const shown = await Promise.race([
          inject(faults, { fault: 'show' }).catch(() => undefined),
          sleep(60_000, undefined, { signal, ref: false }).catch(() => undefined),
        ]);
        if (shown !== undefined) samples.push({ member: id, atMs, ...read(shown) });
        await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
      }
    }),
  );
  return samples.sort((a, b) => a.atMs - b.atMs);
}

function read(shown: Shown): Pick<DiskSample, 'slowMs' | 'stalled' | 'full'> {
  return {
    slowMs: shown.fsync?.slowMs ?? 0,
    stalled: shown.fsync?.stalled ?? false,
    full: shown.disk?.full ?? false,
  };
}
