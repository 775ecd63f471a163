import { setTimeout as sleep } from 'node:timers/promises';

import { cpuSeconds, memoryMiB, waits } from './process-cost.js';
import { count, onCluster, rounded, say } from './stage.js';

/** What a cluster that nobody uses costs. Argument: seconds (20). */
const SECONDS = count(0, 20);

await onCluster(async (cluster) => {
  await sleep(5_000);
  const pids = cluster.replicas.map(({ process }) => process.pid);
  const before = pids.map((pid) => ({ cpu: cpuSeconds(pid), waits: waits(pid) }));
  await sleep(SECONDS * 1_000);
  const { replica: leader } = await cluster.leader();
  const each = cluster.replicas.map(({ id, process: { pid } }, at) => ({
    role: id === leader.id ? 'leader' : 'follower',
    cpuPercent: rounded(((cpuSeconds(pid) - before[at]!.cpu) / SECONDS) * 100),
    wakeUpsPerSecond: rounded((waits(pid) - before[at]!.waits) / SECONDS, 1),
    rssMiB: memoryMiB(pid).now,
  }));
  say('an idle cluster', {
    cpuPercent: rounded(each.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0)),
    each,
  });
});
