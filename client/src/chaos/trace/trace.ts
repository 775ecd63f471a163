import type { ConsensusSettings } from '@aegis/replica/settings';

/** A schedule of faults and load. All times are milliseconds from its beginning. */
export interface Trace {
  readonly name: string;
  /** One sentence for people. */
  readonly about: string;
  /** Whatever is drawn while it runs comes from it: who plays which role, and when a load asks. */
  readonly seed: number;
  readonly durationMs: number;
  readonly replicas: number;
  /** The members' settings from the start: part of spec.consensus. */
  readonly settings: Partial<ConsensusSettings>;
  /** Members by name, drawn when it begins. */
  readonly roles: Readonly<Record<string, Part>>;
  readonly load: readonly LoadEntry[];
  readonly faults: readonly FaultEntry[];
}

/** Who may play a role: the leader of that moment, another member, or any. No two roles have one member. */
export const PARTS = ['leader', 'follower', 'any'] as const;
export type Part = (typeof PARTS)[number];

/** Members besides roles, as they are when a fault begins. `others`: those without a role. */
export const GROUPS = ['leader', 'followers', 'others', 'all'] as const;

/** The name of a role, or one of `GROUPS`. */
export type Target = string;

interface Timed {
  readonly atMs: number;
  /** Until it is undone. Undefined: until the trace is over. */
  readonly forMs?: number;
}

export type LoadEntry = Timed & Load;

/** What clients do meanwhile. `perSecond` of all of them together; without it each asks again as soon as it is answered. */
export type Load =
  | {
      readonly kind: 'puts' | 'gets' | 'mix';
      readonly clients: number;
      readonly perSecond?: number;
      readonly valueBytes: number;
      readonly keys: number;
    }
  /** Each takes one of so many locks, holds it, and gives it back; `locks` 1 is a hot one. */
  | {
      readonly kind: 'locks';
      readonly clients: number;
      readonly perSecond?: number;
      readonly locks: number;
      readonly holdMs: number;
    }
  /** A herd that takes leases all at once and keeps them alive. One that dies does not give them back: they end by expiry. */
  | { readonly kind: 'leases'; readonly clients: number; readonly ttlMs: number; readonly dies: boolean }
  /** Watchers of one prefix that is written to every so often. */
  | {
      readonly kind: 'watches';
      readonly clients: number;
      readonly everyMs: number;
      readonly valueBytes: number;
    }
  /** Clients that connect, ask once and leave. */
  | { readonly kind: 'connections'; readonly clients: number; readonly perSecond?: number };

export type FaultEntry = Timed & {
  /** From one beginning to the next, again and again until the trace is over. */
  readonly everyMs?: number;
} & Fault;

export type Fault =
  /** Whoever watches over the members starts it again. */
  | { readonly kind: 'kill'; readonly on: Target }
  | { readonly kind: 'pause'; readonly on: Target }
  /** In one direction, or in both. */
  | ({
      readonly kind: 'link';
      readonly from: Target;
      readonly to: Target;
      readonly both: boolean;
    } & LinkState)
  | { readonly kind: 'fsync'; readonly on: Target; readonly slowMs: number; readonly stalled: boolean }
  | { readonly kind: 'disk'; readonly on: Target; readonly full: boolean }
  /** So much of one processor. */
  | { readonly kind: 'cpu'; readonly on: Target; readonly percent: number }
  /** The event loop stands still, once. */
  | { readonly kind: 'stall'; readonly on: Target; readonly ms: number }
  | { readonly kind: 'garbage'; readonly on: Target; readonly mbPerSecond: number }
  | { readonly kind: 'clock'; readonly on: Target; readonly offsetMs: number; readonly driftPpm: number }
  | { readonly kind: 'jump'; readonly on: Target; readonly ms: number }
  /** No fault: leadership is handed over as planned. */
  | { readonly kind: 'transfer'; readonly to: Target };

export interface LinkState {
  readonly cut: boolean;
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly lossPercent: number;
  readonly bytesPerSecond: number;
}
