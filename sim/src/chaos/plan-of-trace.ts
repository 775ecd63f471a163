import type { LoadEntry, Trace } from '@aegis/client/chaos';

import { loadedPlan } from '../plan/draw.js';
import { OPERATION_KINDS, type OperationKind, type WorldPlan } from '../plan/plan.js';

/** Simulated operations are few: what matters is that each kind is there, in its share. */
const OPERATIONS_PER_SECOND_MAX = 60;
const CLIENTS_MAX = 8;
/** Of a client that asks again as soon as it is answered. */
const CLOSED_LOOP_PER_SECOND = 20;

/** What clients of the simulator do for each kind of load. */
const OPERATIONS: Readonly<Record<LoadEntry['kind'], readonly OperationKind[]>> = {
  puts: ['put'],
  gets: ['get'],
  mix: ['put', 'get'],
  locks: ['lock'],
  leases: ['lease'],
  watches: ['put'],
  connections: ['get'],
};

/**
 * The world in which a trace happens: sound machines, the trace's settings and faults, and a load of the same kinds for all of its time. Frames
 * stay in order, as on the connections of real replicas.
 */
export function planOfTrace(trace: Trace, seed: number): WorldPlan {
  const plan = loadedPlan(seed, trace.durationMs);
  const mix = Object.fromEntries(OPERATION_KINDS.map((kind) => [kind, 0])) as Record<OperationKind, number>;
  const perSecond = askedPerSecond(trace);
  for (const entry of trace.load) {
    const rate = rateOf(entry);
    for (const kind of OPERATIONS[entry.kind]) mix[kind] += rate / OPERATIONS[entry.kind].length;
  }
  const clients = trace.load.reduce((sum, entry) => sum + entry.clients, 0);
  return {
    ...plan,
    replicas: trace.replicas,
    settings: trace.settings,
    chaos: trace,
    environment: { ...plan.environment, link: { ...plan.environment.link, ordered: true } },
    workload: {
      ...plan.workload,
      ...(perSecond === 0 ? {} : { mix }),
      clients: Math.max(1, Math.min(CLIENTS_MAX, clients)),
      paced: true,
      operationsPerSecond: Math.max(1, Math.min(OPERATIONS_PER_SECOND_MAX, perSecond)),
    },
  };
}

/** What all clients of a trace ask for together, were it not simulated. */
export function askedPerSecond({ load }: Trace): number {
  return load.reduce((total, entry) => total + rateOf(entry), 0);
}

function rateOf(entry: LoadEntry): number {
  return ('perSecond' in entry ? entry.perSecond : undefined) ?? entry.clients * CLOSED_LOOP_PER_SECOND;
}

/** How far the clocks of a trace may run off, as a ratio. */
export function driftOf(trace: Trace | undefined): number {
  const drifts =
    trace?.faults.map((fault) => (fault.kind === 'clock' ? Math.abs(fault.driftPpm) / 1e6 : 0)) ?? [];
  return Math.max(0, ...drifts);
}
