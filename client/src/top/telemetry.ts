import { parsePage } from '@aegis/replica/exposition';
import { cumulative, type Cumulative } from './histogram.js';

/** How long a replica may take for its page, in milliseconds, and how long the page may be. */
const PAGE_MS = 1_000;
const PAGE_CHARACTERS_MAX = 256 * 1024;
const FSYNC = 'aegis_wal_fsync_duration_seconds';
const ROUND_TRIP = 'aegis_peer_round_trip_time_seconds';

/** What is read as one number each. The event loop's own are not here that begin anew when they are read: these stay as the last whole page told them. */
const NUMBERS = {
  leads: 'aegis_is_leader',
  knowsLeader: 'aegis_has_leader',
  term: 'aegis_raft_term',
  lastIndex: 'aegis_log_last_index',
  commitIndex: 'aegis_proposals_committed_index',
  appliedIndex: 'aegis_proposals_applied_index',
  pending: 'aegis_proposals_pending',
  commands: 'aegis_commands_applied_total',
  operations: 'aegis_client_operations_total',
  leases: 'aegis_leases',
  claimed: 'aegis_locks',
  elections: 'aegis_elections',
  waiters: 'aegis_lock_queue_depth',
  watches: 'aegis_watches',
  eventLoopP99: 'aegis_nodejs_eventloop_lag_p99_seconds',
  eventLoopMax: 'aegis_nodejs_eventloop_lag_max_seconds',
  memoryBytes: 'aegis_process_resident_memory_bytes',
} as const;

export type NumberName = keyof typeof NUMBERS;

/** What a replica's telemetry port told at one moment. */
export interface Telemetry {
  readonly atMs: number;
  /** What was not on the page is not in it. */
  readonly numbers: { readonly [Name in NumberName]?: number };
  readonly fsync: Cumulative;
  /** By the peer's member id. */
  readonly roundTrips: ReadonlyMap<string, Cumulative>;
}

const QUERY = new URLSearchParams(
  [...Object.values(NUMBERS), FSYNC, ROUND_TRIP].map((name): [string, string] => ['name[]', name]),
).toString();

/** Reads these metrics alone: a whole page would begin the event loop's maximum anew for everybody. Undefined: it does not answer so. */
export async function readTelemetry(address: string): Promise<Telemetry | undefined> {
  try {
    const response = await fetch(`http://${address}/metrics?${QUERY}`, {
      signal: AbortSignal.timeout(PAGE_MS),
      redirect: 'error',
    });
    const text = response.ok ? await bounded(response) : undefined;
    return text === undefined ? undefined : telemetryOf(text, performance.now());
  } catch {
    return undefined;
  }
}

export function telemetryOf(text: string, atMs: number): Telemetry {
  const { samples } = parsePage(text);
  const numbers: { [Name in NumberName]?: number } = {};
  for (const [name, metric] of Object.entries(NUMBERS) as [NumberName, string][]) {
    const found = samples.filter((each) => each.name === metric && Number.isFinite(each.value));
    if (found.length > 0) numbers[name] = found.reduce((sum, { value }) => sum + value, 0);
  }
  const buckets = (metric: string) => samples.filter(({ name }) => name === `${metric}_bucket`);
  const links = Map.groupBy(buckets(ROUND_TRIP), ({ labels }) => labels['to'] ?? '');
  const roundTrips = [...links].map(([to, found]) => [to, cumulative(found)] as const);
  return { atMs, numbers, fsync: cumulative(buckets(FSYNC)), roundTrips: new Map(roundTrips) };
}

/** Undefined: it is longer than any such page. */
async function bounded(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes as Uint8Array, { stream: true });
    if (text.length > PAGE_CHARACTERS_MAX) return undefined;
  }
  return text;
}
