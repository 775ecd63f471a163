import type { Histogram, Reading, Recording, Scrape, Value } from '../telemetry/index.js';

/** What one replica is like in one second; what is not said is as in a cluster that is well. */
export interface Facts {
  readonly answers: boolean;
  readonly leads: boolean;
  readonly hasLeader: boolean;
  readonly term: number;
  /** Seconds that each of its syncs takes. */
  readonly sync: number;
  readonly syncs: number;
  /** One more sync that took so many seconds. */
  readonly oneSync: number;
  readonly diskFull: boolean;
  readonly loopMedian: number;
  readonly loopP99: number;
  readonly loopMax: number;
  readonly garbage: number;
  readonly cpu: number;
  /** Since when the process runs; another one is another process. */
  readonly started: number;
  /** Commands. */
  readonly committed: number;
  /** In which they are committed; undefined: each in one of its own. */
  readonly entries: number | undefined;
  readonly operations: number;
  readonly streamsOpened: number;
  readonly pending: number;
  readonly leases: number;
  readonly expired: number;
  readonly watches: number;
  readonly lockQueue: number;
  readonly kvBytes: number;
  /** Entries by which it is behind. */
  readonly behind: number;
  readonly snapshots: number;
  readonly firstIndex: number;
  readonly electionTimeout: number;
}

export interface LinkFacts {
  /** Probes answered. */
  readonly answered: number;
  readonly roundTrip: number;
  readonly clockOffset: number;
}

export interface Script {
  readonly seconds?: number;
  readonly everySeconds?: number;
  readonly replica?: (second: number, replica: number) => Partial<Facts>;
  readonly link?: (second: number, from: number, to: number) => Partial<LinkFacts>;
}

const BOUNDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
export const NAMES = ['ash', 'birch', 'cedar', 'elm', 'fir'] as const;

/** The name of the replica with this number: 0 leads unless the script says otherwise. */
export const named = (replica: number): string => NAMES[replica]!;

/** What a replica tells that nothing reaches since a second: it has no leader, and lacks more with every second. */
export const cutOff = (second: number, since: number): Partial<Facts> => ({
  hasLeader: false,
  behind: Math.max(0, second - since) * WELL.committed,
});

/** A made-up recording of five replicas in which all is well but for what the script says. */
export function scripted({
  seconds = 60,
  everySeconds = 1,
  replica = () => ({}),
  link = () => ({}),
}: Script): Recording {
  const processes = NAMES.map(() => new Counters());
  const links = NAMES.map(() => NAMES.map(() => new Counters()));
  const scrapes: Scrape[] = [];
  let written = 1000;
  let term = 0;
  for (let second = 0; second <= seconds; second++) {
    const said = NAMES.map((_, at) => replica(second, at));
    const newest = Math.max(term, ...said.map((facts) => facts.term ?? WELL.term));
    // Nothing is committed while a leader is voted for, unless the script has one that handed over.
    const committed = newest > term && second > 0 ? 0 : WELL.committed;
    term = newest;
    const all = said.map((facts, at): Facts => ({ ...WELL, committed, leads: at === 0, ...facts }));
    written += Math.max(...all.map(({ committed, entries = committed }) => entries));
    all.forEach((facts, at) => {
      count(processes[at]!, facts);
      NAMES.forEach((__, to) => {
        const seen: LinkFacts = { answered: 1, roundTrip: 0.002, clockOffset: 0, ...link(second, at, to) };
        links[at]![to]!.sample('aegis_peer_round_trip_time_seconds', seen.roundTrip, seen.answered);
        links[at]![to]!.set('aegis_peer_clock_offset_seconds', seen.clockOffset);
        links[at]![to]!.drop('aegis_follower_lag_entries');
        if (facts.leads) links[at]![to]!.set('aegis_follower_lag_entries', all[to]!.behind);
      });
      if (second % everySeconds !== 0) return;
      const process = processes[at]!;
      process.set('aegis_proposals_committed_index', written);
      process.set('aegis_proposals_applied_index', written - facts.behind);
      const reading: Reading = {
        values: process.values(),
        links: Object.fromEntries(
          NAMES.flatMap((___, to) => (to === at ? [] : [[String(to + 1), links[at]![to]!.values()]])),
        ),
        unreadable: 0,
      };
      scrapes.push({ atMs: second * 1000, replica: named(at), reading: facts.answers ? reading : undefined });
    });
  }
  return {
    replicas: Object.fromEntries(NAMES.map((name, at) => [name, at + 1])),
    scrapeMs: everySeconds * 1000,
    scrapes,
  };
}

const WELL: Facts = {
  answers: true,
  leads: false,
  hasLeader: true,
  term: 3,
  sync: 0.002,
  syncs: 100,
  oneSync: 0,
  diskFull: false,
  loopMedian: 0.0105,
  loopP99: 0.018,
  loopMax: 0.03,
  garbage: 0.005,
  cpu: 0.1,
  started: 100,
  committed: 100,
  entries: undefined,
  operations: 100,
  streamsOpened: 0,
  pending: 1,
  leases: 20,
  expired: 0,
  watches: 10,
  lockQueue: 0,
  kvBytes: 1_000_000,
  behind: 0,
  snapshots: 0,
  firstIndex: 1,
  electionTimeout: 1,
};

/** What a process tells of one second more. */
function count(process: Counters, facts: Facts): void {
  if (process.get('aegis_process_start_time_seconds') !== facts.started) process.clear();
  process.set('aegis_process_start_time_seconds', facts.started);
  process.sample('aegis_wal_fsync_duration_seconds', facts.sync, facts.syncs);
  if (facts.oneSync > 0) process.sample('aegis_wal_fsync_duration_seconds', facts.oneSync, 1);
  process.sample('aegis_nodejs_gc_duration_seconds', facts.garbage / 4, 4);
  process.add('aegis_process_cpu_seconds_total', facts.cpu);
  process.add('aegis_commands_applied_total', facts.committed);
  process.add('aegis_client_operations_total', facts.operations);
  process.add('aegis_session_streams_opened_total', facts.streamsOpened);
  process.add('aegis_lease_expired_total', facts.expired);
  process.add('aegis_snapshots_installed_total', facts.snapshots);
  const standing: Readonly<Record<string, number>> = {
    aegis_is_leader: Number(facts.leads),
    aegis_has_leader: Number(facts.hasLeader),
    aegis_raft_term: facts.term,
    aegis_disk_full: Number(facts.diskFull),
    aegis_nodejs_eventloop_lag_p50_seconds: facts.loopMedian,
    aegis_nodejs_eventloop_lag_p99_seconds: facts.loopP99,
    aegis_nodejs_eventloop_lag_max_seconds: facts.loopMax,
    aegis_proposals_pending: facts.pending,
    aegis_leases: facts.leases,
    aegis_watches: facts.watches,
    aegis_lock_queue_depth: facts.lockQueue,
    aegis_kv_bytes: facts.kvBytes,
    aegis_log_first_index: facts.firstIndex,
    aegis_election_timeout_seconds: facts.electionTimeout,
    aegis_heartbeat_interval_seconds: facts.electionTimeout / 10,
  };
  for (const [metric, value] of Object.entries(standing)) process.set(metric, value);
}

class Counters {
  readonly #numbers = new Map<string, number>();
  readonly #histograms = new Map<string, { counts: number[]; sum: number }>();

  get(metric: string): number | undefined {
    return this.#numbers.get(metric);
  }

  set(metric: string, value: number): void {
    this.#numbers.set(metric, value);
  }

  add(metric: string, by: number): void {
    this.#numbers.set(metric, (this.#numbers.get(metric) ?? 0) + by);
  }

  drop(metric: string): void {
    this.#numbers.delete(metric);
  }

  clear(): void {
    this.#numbers.clear();
    this.#histograms.clear();
  }

  sample(metric: string, seconds: number, times: number): void {
    const known = this.#histograms.get(metric) ?? { counts: [...BOUNDS, Infinity].map(() => 0), sum: 0 };
    [...BOUNDS, Infinity].forEach((bound, at) => (known.counts[at]! += seconds <= bound ? times : 0));
    known.sum += seconds * times;
    this.#histograms.set(metric, known);
  }

  values(): Record<string, Value> {
    const histograms = [...this.#histograms].map(([metric, { counts, sum }]): [string, Histogram] => [
      metric,
      { bounds: BOUNDS, counts: [...counts], sum },
    ]);
    return { ...Object.fromEntries(this.#numbers), ...Object.fromEntries(histograms) };
  }
}
