import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Cluster } from '../harness/cluster.js';
import { Guardian } from '../harness/guardian.js';
import { AEGIS_PROGRAM } from '../harness/programs.js';
import { Spawned } from '../harness/spawned.js';
import { count, median, onCluster, rounded, say } from './stage.js';

/** What 1,000 watchers of a prefix notice of another one whose process stops reading. Arguments: watchers (1,000), rounds (3). */
const WATCHERS = count(0, 1_000);
const ROUNDS = count(1, 3);
const SECONDS = 5;
/** Much more than sockets and streams hold, so that it is the replica which has to cope. */
const HEAVY_BYTES = 64 * 1024;
const HEAVY_EVERY_MS = 25;
const PREFIX = 'bench/';

interface Measured {
  readonly delivery: { readonly p50: number; readonly p99: number };
  readonly missing: number;
}

/** Numbered values under the prefix that the stalled watcher, too, watches. */
class HeavyWriter {
  newest = 0;
  private over = false;
  private readonly ended: Promise<void>;

  constructor(cluster: Cluster) {
    this.ended = this.write(cluster.connect());
  }

  async stop(): Promise<void> {
    this.over = true;
    await this.ended;
  }

  private async write({ kv }: ReturnType<Cluster['connect']>): Promise<void> {
    for (const value = Buffer.alloc(HEAVY_BYTES); !this.over; await sleep(HEAVY_EVERY_MS)) {
      value.writeInt32BE(++this.newest, 0);
      await kv.put(`${PREFIX}0heavy`, value);
    }
  }
}

await onCluster(async (cluster) => {
  const guardian = new Guardian();
  const spawn = (name: string, argv: readonly string[]): Spawned => new Spawned(guardian, name, argv);
  const bench = async (): Promise<Measured> => {
    const load = ['--clients', `${WATCHERS}`, '--connections', '20', '--seconds', `${SECONDS}`];
    const argv = [
      AEGIS_PROGRAM,
      '--endpoints',
      cluster.endpoints.join(','),
      'bench',
      'watch',
      '--json',
      ...load,
    ];
    const run = spawn('aegis bench watch', argv);
    if ((await run.status(60_000)) !== 0) throw new Error(run.tail());
    return JSON.parse(run.stdout.join('')) as Measured;
  };
  const watcher = fileURLToPath(new URL('counting-watcher.js', import.meta.url));
  const { replica } = await cluster.leader();
  // The prefix of the heavy keys: it must see every one of them, and the benchmark's own values carry no such numbers.
  const slow = spawn('the watcher that stops', [watcher, replica.member.clientAddress, `${PREFIX}0heavy`]);
  const heavy = new HeavyWriter(cluster);
  try {
    await slow.line('that it watches', 20_000, (line) => line === 'watching');
    const reading: Measured[] = [];
    const stalled: Measured[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      reading.push(await bench());
      slow.signal('SIGSTOP');
      stalled.push(await bench());
      slow.signal('SIGCONT');
    }
    await heavy.stop();
    const last = `seen ${heavy.newest}`;
    const end = await slow.line(
      'the last number, or compacted',
      60_000,
      (line) => line === last || line.startsWith('compacted'),
    );
    const p50 = (all: readonly Measured[]): number => median(all.map(({ delivery }) => delivery.p50));
    const p99 = (all: readonly Measured[]): number => median(all.map(({ delivery }) => delivery.p99));
    say('delivery to 1,000 watchers while one stops reading', {
      watchers: WATCHERS,
      allReading: { p50: p50(reading), p99: p99(reading) },
      oneStopped: { p50: p50(stalled), p99: p99(stalled) },
      ratio: { p50: rounded(p50(stalled) / p50(reading)), p99: rounded(p99(stalled) / p99(reading)) },
      missing: [...reading, ...stalled].reduce((sum, { missing }) => sum + missing, 0),
      stoppedOne: { end, gaps: slow.stdout.filter((line) => line.startsWith('gap')) },
    });
  } finally {
    slow.signal('SIGKILL');
    await heavy.stop();
    await guardian.close();
  }
});
