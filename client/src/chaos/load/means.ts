import type { Random } from '@aegis/replica/sim';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../client.js';

/** What load is made with. */
export interface Means {
  /** Shared among the logical clients. */
  readonly connections: readonly Client[];
  /** One of its own, which is closed by whoever asked for it. */
  readonly connect: () => Client;
  readonly random: Random;
  readonly ok: (tookMs: number) => void;
  readonly failed: (error: unknown) => void;
  readonly over: AbortSignal;
}

/** Logical clients: what each does over and over, and what is cleaned up in the end. */
export interface Work {
  /** One operation of client `index`; it is timed, and failures are counted. What it returns is done afterwards, untimed. */
  readonly once: (index: number) => Promise<(() => Promise<unknown>) | void>;
  readonly end?: () => Promise<unknown>;
}

/** Until then, or until it is over. */
export async function pause(ms: number, over: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal: over }).catch(() => undefined);
}
