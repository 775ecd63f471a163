import { seconds } from '../../progress.js';
import { type Case, expect } from '../case.js';
import { isCalm, READY_MS_MAX, RunningCluster } from '../clusters/running.js';
import { startOperator } from '../release/operator.js';
import { throughCrashes } from './crash-points.js';

export const sizeChangesUnderLoad: Case = {
  name: 'from 5 members to 7, to 3, to 5, while a client writes and the operator is killed during each change: nothing acknowledged is lost',
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 5 });
    const load = await cluster.startLoad();
    const { held } = await load.report(0);
    const ids = new Set(await idsOf(cluster));
    const removed = new Set<number>();
    for (const replicas of [7, 3, 5]) {
      const sinceMs = Date.now();
      const killed = await throughCrashes(stage, cluster, () => cluster.change({ replicas }));
      const { longestGap, failures } = await load.report(sinceMs);
      const now = await idsOf(cluster);
      stage.note(
        `to ${replicas} in ${seconds(Date.now() - sinceMs)}, the operator killed after ${killed.join(' and ')}: members ${now.join(' ')}; ` +
          `${longestGap.ms} ms without a write at most, errors: ${failures.length}`,
      );
      expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
      const again = now.filter((id) => removed.has(id));
      expect(again.length === 0, `ids given twice: ${again.join(' ')}`);
      for (const id of ids) if (!now.includes(id)) removed.add(id);
      for (const id of now) ids.add(id);
    }
    const claims = await stage.kubectl.run('get', 'pvc', cluster.here, '--output=name');
    expect(claims.trim().split('\n').length === 5, `volumes: ${claims}`);
    const { acknowledged } = await load.expectNothingLost();
    expect((await load.report(0)).held.token === held.token, 'the lock changed hands');
    stage.note(`${acknowledged} acknowledged writes, all there; the lock held all through`);
  },
};

export const lostVolumeIsReplaced: Case = {
  name: 'a volume is deleted under a pod, and the operator killed meanwhile: the member comes back under a new id, nothing acknowledged is lost',
  async run(stage) {
    const { kubectl, note } = stage;
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const load = await cluster.startLoad();
    const before = await idsOf(cluster);
    const lost = (await cluster.get()).status!.members!.find(({ role }) => role === 'Follower')!;
    const sinceMs = Date.now();
    const killed = await throughCrashes(stage, cluster, async () => {
      await kubectl.run('delete', 'pvc', `data-${lost.pod}`, cluster.here, '--wait=false');
      await kubectl.run('delete', 'pod', lost.pod, cluster.here, '--grace-period=0', '--force');
      await cluster.until('its loss seen', READY_MS_MAX, (seen) => !isCalm(seen));
    });
    const after = await idsOf(cluster);
    note(
      `${lost.pod} was ${lost.id}; members ${before.join(' ')} became ${after.join(' ')} in ${seconds(Date.now() - sinceMs)}`,
    );
    note(`the operator was killed after ${killed.join(' and ')}`);
    expect(!after.includes(lost.id), `the id ${lost.id} is used again`);
    expect(
      after.some((id) => !before.includes(id)),
      'no new id was given',
    );
    const { failures } = await load.report(sinceMs);
    expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
    const { acknowledged } = await load.expectNothingLost();
    note(`${acknowledged} acknowledged writes, all there`);
  },
};

async function idsOf(cluster: RunningCluster): Promise<readonly number[]> {
  const { status } = await cluster.get();
  return (status?.members ?? []).map(({ id }) => id).toSorted((a, b) => a - b);
}
