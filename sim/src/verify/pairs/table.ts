import { readFileSync } from 'node:fs';

import type { IncidentClass } from '@aegis/agent/diagnose';
import { loadTrace, readTrace, type Trace } from '@aegis/client/chaos';
import { resolveSettings, type Patch } from '@aegis/replica/settings';

import type { Question } from '../question.js';

/** A trace with a patch, of which the verifier has to say the direction that real processes show. */
export interface Pair {
  readonly name: string;
  readonly class: IncidentClass;
  /** Of the library of `aegis chaos`, or a file of sim/verifier. */
  readonly trace: string;
  readonly settings: Patch;
  readonly patch: Patch;
  /** Made to do harm: to call it an improvement is the one thing that a verifier must not do. */
  readonly harmful: boolean;
  readonly why: string;
}

const OWN = new Map(
  ['late-links', 'short-stalls', 'long-stalls'].map((name) => [
    name,
    new URL(`../../../verifier/${name}.yaml`, import.meta.url),
  ]),
);

export const PAIRS: readonly Pair[] = [
  {
    name: 'late-links-longer',
    class: 'ElectionStorm',
    trace: 'late-links',
    settings: { heartbeatIntervalMs: 30, electionTimeoutMs: 150 },
    patch: { electionTimeoutMs: 300 },
    harmful: false,
    why: 'Heartbeats that are up to 400 ms late come 300 ms apart at most: the timeout bears that.',
  },
  {
    name: 'hasty-longer',
    class: 'ElectionStorm',
    trace: 'hasty-elections',
    settings: { heartbeatIntervalMs: 15, electionTimeoutMs: 75 },
    patch: { electionTimeoutMs: 150 },
    harmful: false,
    why: 'The same on a network that is half as late.',
  },
  {
    name: 'jittery-longer',
    class: 'ElectionStorm',
    trace: 'jittery-network',
    settings: { heartbeatIntervalMs: 50, electionTimeoutMs: 300 },
    patch: { electionTimeoutMs: 600 },
    harmful: false,
    why: 'The same on a network that is twice as late.',
  },
  {
    name: 'short-stalls-longer',
    class: 'ElectionStorm',
    trace: 'short-stalls',
    settings: { electionTimeoutMs: 500 },
    patch: { electionTimeoutMs: 1000 },
    harmful: false,
    why: 'Stalls of 700 ms cost the leader its term at 500 ms, and not at 1000 ms; an election takes about as long.',
  },
  {
    name: 'late-links-shorter',
    class: 'ElectionStorm',
    trace: 'late-links',
    settings: { heartbeatIntervalMs: 30, electionTimeoutMs: 150 },
    patch: { heartbeatIntervalMs: 15, electionTimeoutMs: 75 },
    harmful: true,
    why: 'What storms already is made hastier still.',
  },
  {
    name: 'long-stalls-longer',
    class: 'ElectionStorm',
    trace: 'long-stalls',
    settings: {},
    patch: { electionTimeoutMs: 2000, leaseMinTtlMs: 3000 },
    harmful: true,
    why: 'Fewer elections, but everyone waits for a leader that stands still: time without commits more than doubles.',
  },
  {
    name: 'dying-leaders-longer',
    class: 'ElectionStorm',
    trace: 'leaders-killed-in-a-row',
    settings: {},
    patch: { electionTimeoutMs: 2000, leaseMinTtlMs: 3000 },
    harmful: true,
    why: 'A leader that is gone is missed for longer, and dies as often.',
  },
  {
    name: 'snapshot-loop-longer-log',
    class: 'SlowFollower',
    trace: 'snapshot-loop',
    settings: { snapshotThresholdEntries: 100, logRetentionEntries: 100 },
    patch: { logRetentionEntries: 200 },
    harmful: false,
    why: 'A follower that stands still for most of the time is behind, with snapshots or without.',
  },
];

export function traceOf({ trace }: Pair): Trace {
  const file = OWN.get(trace);
  return file === undefined ? loadTrace(trace) : readTrace(readFileSync(file, 'utf8'), file.pathname);
}

export function questionOf(pair: Pair, seed: number): Question {
  const trace = traceOf(pair);
  return {
    class: pair.class,
    replicas: trace.replicas,
    profile: 'all',
    base: resolveSettings('all', pair.settings),
    candidates: [pair.patch],
    trace,
    surroundings: undefined,
    observed: undefined,
    scrapeMs: 1000,
    missing: [],
    seed,
  };
}
