import { fileURLToPath } from 'node:url';

import { eventually } from '../harness/clock.js';
import type { Cluster } from '../harness/cluster.js';
import { Guardian } from '../harness/guardian.js';
import { metricOf } from '../harness/metrics-page.js';
import { Spawned } from '../harness/spawned.js';
import { count, median, onCluster, rounded, say } from './stage.js';
import { PrefixWatchers, type Delivery } from './prefix-watchers.js';

/** What watchers of a prefix notice of one of them whose process stops reading. Arguments: watchers (1,000), rounds (3). */
const WATCHERS = count(0, 1_000);
const ROUNDS = count(1, 3);
const ROUND_MS = 6_000;
const PREFIX = 'watched/';

/** One of them, a process of its own, connected to the leader: the one that stops. */
class StoppingWatcher {
  private readonly process: Spawned;

  constructor(
    guardian: Guardian,
    private readonly address: string,
    private readonly metricsAddress: string,
  ) {
    const program = fileURLToPath(new URL('counting-watcher.js', import.meta.url));
    this.process = new Spawned(guardian, 'the watcher that stops', [program, address, PREFIX]);
  }

  /** Stops while `work` runs. Its stream must have been full before the end: the replica says that it is behind. */
  async stoppedDuring<T>(work: () => Promise<T>): Promise<T> {
    this.process.signal('SIGSTOP');
    try {
      const done = await work();
      const slow = await metricOf(this.metricsAddress, 'aegis_slow_watches');
      if (slow !== 1) throw new Error(`${this.address}: ${slow} watches are behind, not the stopped one`);
      return done;
    } finally {
      this.process.signal('SIGCONT');
    }
  }

  said(what: string, pattern: RegExp): Promise<string> {
    return this.process.line(what, 60_000, (line) => pattern.test(line));
  }

  get gaps(): string[] {
    return this.process.stdout.filter((line) => line.startsWith('gap'));
  }

  end(): void {
    this.process.signal('SIGKILL');
  }
}

function medians(rounds: readonly Delivery[]): { p50: number; p99: number } {
  const of = (pick: (round: Delivery) => number): number => median(rounds.map(pick));
  return { p50: of(({ p50 }) => p50), p99: of(({ p99 }) => p99) };
}

async function measure(cluster: Cluster, guardian: Guardian): Promise<void> {
  const { replica } = await cluster.leader();
  const { clientAddress, metricsAddress } = replica.member;
  const watchers = await PrefixWatchers.start(cluster, PREFIX, WATCHERS - 1);
  const stopping = new StoppingWatcher(guardian, clientAddress, metricsAddress);
  try {
    await watchers.pokeUntil(stopping.said('that it watches', /^watching$/));
    const [reading, stopped]: [Delivery[], Delivery[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      reading.push(await watchers.round(ROUND_MS));
      stopped.push(await stopping.stoppedDuring(() => watchers.round(ROUND_MS)));
      await eventually('the stopped one having caught up', 60_000, async () =>
        (await metricOf(metricsAddress, 'aegis_slow_watches')) === 0 ? true : undefined,
      );
    }
    const resumed = await stopping.said('the last number', new RegExp(`^seen ${watchers.newest}$`));
    const [allReading, oneStopped] = [medians(reading), medians(stopped)];
    say('delivery to the watchers of a prefix while one of them stops reading', {
      watchers: WATCHERS,
      allReading,
      oneStopped,
      ratio: {
        p50: rounded(oneStopped.p50 / allReading.p50),
        p99: rounded(oneStopped.p99 / allReading.p99),
      },
      missing: [...reading, ...stopped].reduce((sum, { missing }) => sum + missing, 0),
      stoppedOne: { end: resumed, gaps: stopping.gaps },
    });
    const revision = await stopping.stoppedDuring(async () => {
      await watchers.round(ROUND_MS);
      return watchers.compact();
    });
    say('what it missed is compacted', { revision, end: await stopping.said('so', /^compacted /) });
  } finally {
    stopping.end();
    watchers.end();
  }
}

await onCluster(async (cluster) => {
  const guardian = new Guardian();
  try {
    await measure(cluster, guardian);
  } finally {
    await guardian.close();
  }
});
