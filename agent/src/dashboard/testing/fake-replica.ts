import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a made-up replica tells; tests change it while it runs. */
export interface FakeFacts {
  leads: boolean;
  hasLeader: boolean;
  term: number;
  committed: number;
  fsyncSeconds: number;
  diskFull: boolean;
  leases: number;
  /** Of each peer, by its member id. */
  links: Record<string, { roundTripSeconds: number; answers: boolean }>;
  /** It takes questions, and answers none. */
  stuck: boolean;
  locks: readonly object[];
}

const BOUNDS = [0.0001, 0.001, 0.01, 0.1, 1] as const;

/** The telemetry port of a replica that is not there: its counters grow as if it were at work. */
export class FakeReplica {
  readonly facts: FakeFacts;
  /** What it was asked for, with the query. */
  readonly asked: string[] = [];
  readonly #server: Server;
  readonly #beganMs = performance.now();
  #at = 0;

  private constructor(facts: FakeFacts) {
    this.facts = facts;
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      if (this.facts.stuck) return;
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname === '/metrics') response.end(this.#metrics());
      else if (pathname === '/leases') response.end(JSON.stringify(this.#leases(searchParams)));
      else response.end(JSON.stringify(this.#named(pathname.slice(1))));
    });
  }

  static async start(facts: FakeFacts): Promise<FakeReplica> {
    const replica = new FakeReplica(facts);
    await replica.resume();
    return replica;
  }

  get metricsUrl(): string {
    return `http://127.0.0.1:${this.#at}/metrics`;
  }

  /** Comes back at the same port. */
  async resume(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#at, '127.0.0.1', resolve));
    this.#at = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #metrics(): string {
    const { leads, hasLeader, term, committed, fsyncSeconds, diskFull, leases, links } = this.facts;
    const seconds = (performance.now() - this.#beganMs) / 1_000;
    const index = committed + Math.floor(seconds * 40);
    const lines = [
      `aegis_is_leader ${Number(leads)}`,
      `aegis_has_leader ${Number(hasLeader)}`,
      `aegis_raft_term ${term}`,
      `aegis_proposals_committed_index ${index}`,
      `aegis_proposals_applied_index ${index}`,
      `aegis_disk_full ${Number(diskFull)}`,
      `aegis_leases ${leases}`,
      'aegis_lock_queue_depth 2',
      'aegis_process_start_time_seconds 1000',
      `aegis_client_operations_total ${Math.floor(seconds * 300)}`,
      ...histogram('aegis_wal_fsync_duration_seconds', '', Math.floor(seconds * 40), fsyncSeconds),
    ];
    for (const [to, { roundTripSeconds, answers }] of Object.entries(links)) {
      const label = `to="${to}"`;
      lines.push(
        `aegis_peer_clock_offset_seconds{${label}} 0.001`,
        `aegis_follower_lag_entries{${label}} ${leads ? 1 : 0}`,
      );
      const many = answers ? Math.floor(seconds) : 0;
      lines.push(...histogram('aegis_peer_round_trip_time_seconds', label, many, roundTripSeconds));
    }
    return `${lines.join('\n')}\n`;
  }

  #leases(query: URLSearchParams): object {
    const [after, limit, total] = [
      Number(query.get('after') ?? 0),
      Number(query.get('limit')),
      this.facts.leases,
    ];
    const many = Math.max(0, Math.min(limit, total - after));
    const leases = Array.from({ length: many }, (_, at) => ({
      ...{ lease: String(after + at + 1), ttlMs: 60_000, remainingMs: 42_000, claimCount: 1, keyCount: 0 },
      claims: [{ kind: 'lock', name: `orders/${after + at + 1}`, token: after + at + 1 }],
    }));
    return { appliedIndex: 17, total, leases, next: after + many < total ? String(after + many) : null };
  }

  #named(kind: string): object {
    const rows = kind === 'locks' ? this.facts.locks : [];
    return { appliedIndex: 17, total: rows.length, [kind]: rows, next: null };
  }
}

function histogram(name: string, label: string, many: number, each: number): string[] {
  const labels = label === '' ? '' : `${label},`;
  return [
    ...BOUNDS.map((bound) => `${name}_bucket{${labels}le="${bound}"} ${each <= bound ? many : 0}`),
    `${name}_bucket{${labels}le="+Inf"} ${many}`,
    `${name}_sum{${label}} ${many * each}`,
    `${name}_count{${label}} ${many}`,
  ];
}
