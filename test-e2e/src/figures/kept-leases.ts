import { setTimeout as sleep } from 'node:timers/promises';

import { Guardian } from '../harness/guardian.js';
import { AEGIS_PROGRAM } from '../harness/programs.js';
import { Spawned } from '../harness/spawned.js';
import { cpuSeconds } from './process-cost.js';
import { count, median, onCluster, rounded, say } from './stage.js';

/** What the leader pays for many leases of 30 s, each kept alive every 10 s. Arguments: leases (100,000), rounds of 5 s (3). */
const LEASES = count(0, 100_000);
const ROUNDS = count(1, 3);
const ROUND_SECONDS = 5;

await onCluster(async (cluster) => {
  const guardian = new Guardian();
  const load = ['--clients', `${LEASES}`, '--connections', '20', '--ttl', '30s', '--seconds', '45', '--json'];
  const argv = [AEGIS_PROGRAM, '--endpoints', cluster.endpoints.join(','), 'bench', 'lease', ...load];
  const bench = new Spawned(guardian, 'aegis bench lease', argv);
  try {
    const { replica } = await cluster.leader();
    for (let leases = 0; leases < LEASES; await sleep(200)) {
      const page = await (await replica.get('/metrics')).text();
      leases = Number(/^aegis_leases(?:\{.*\})? (\d+)/m.exec(page)?.[1] ?? 0);
    }
    await sleep(2_000);
    const cores: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = cpuSeconds(replica.process.pid);
      await sleep(ROUND_SECONDS * 1_000);
      cores.push(rounded((cpuSeconds(replica.process.pid) - before) / ROUND_SECONDS));
    }
    if ((await bench.status(180_000)) !== 0) throw new Error(bench.tail());
    const { keepAlivesPerSecond, lost, keepAlive } = JSON.parse(bench.stdout.join('')) as Record<
      string,
      unknown
    >;
    say('leases kept alive', {
      leases: LEASES,
      leaderCores: median(cores),
      each: cores,
      keepAlivesPerSecond,
      lost,
      keepAlive,
    });
  } finally {
    if (bench.running) bench.signal('SIGKILL');
    await guardian.close();
  }
});
