import { seconds } from '../../progress.js';
import type { Load } from '../../load/load.js';
import { type Case, expect, type Stage } from '../case.js';
import { isCalm, READY_MS_MAX, RunningCluster } from '../clusters/running.js';
import { startOperator } from '../release/operator.js';
import { throughCrashes } from './crash-points.js';
import { KeptVolumes } from './kept-volumes.js';

const ROUNDS_MAX = 4;

export const sizeChangesUnderLoad: Case = {
  name: 'from 5 members to 7, to 3, to 5 on volumes of removed members, while a client writes and the operator is killed during each change: nothing acknowledged is lost',
  async run(stage) {
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 5 });
    const load = await cluster.startLoad();
    const { held } = await load.report(0);
    const kept = new KeptVolumes(stage);
    try {
      await changeSizes(stage, cluster, load, kept);
    } finally {
      await kept.release();
    }
    const { acknowledged } = await load.expectNothingLost();
    expect((await load.report(0)).held.token === held.token, 'the lock changed hands');
    stage.note(`${acknowledged} acknowledged writes, all there; the lock held all through`);
  },
};

/** To 7, to 3, and to 5: volumes are kept from 7 to 5, or the operator would delete those of removed members, and 5 find new ones. */
async function changeSizes(
  stage: Stage,
  cluster: RunningCluster,
  load: Load,
  kept: KeptVolumes,
): Promise<void> {
  const ids = new Set(await idsOf(cluster));
  const removed = new Set<number>();
  let removedOnes = new Map<string, string>();
  /** By what a change of sizes is undone, so that it can be made again. */
  const back: Readonly<Record<number, () => Promise<unknown>>> = {
    7: async () => {
      await cluster.change({ replicas: 5 });
      await cluster.untilCalm(READY_MS_MAX);
    },
    3: async () => {
      await cluster.change({ replicas: 7 });
      await kept.release();
      await cluster.untilCalm(READY_MS_MAX);
      await kept.keep();
    },
    5: async () => {
      await kept.keep();
      await cluster.change({ replicas: 3 });
      await cluster.until('three members', READY_MS_MAX, () => hasPods(cluster, 3));
      removedOnes = await volumesOf(cluster);
    },
  };
  for (const replicas of [7, 3, 5]) {
    const sinceMs = Date.now();
    if (replicas === 3) await kept.keep();
    const over = replicas === 3 ? () => hasPods(cluster, 3) : undefined;
    const change = async (): Promise<void> => {
      await cluster.change({ replicas });
      if (replicas === 5) await kept.release();
    };
    const killed = await throughCrashes(stage, cluster, change, {
      rounds: ROUNDS_MAX,
      undo: back[replicas]!,
      ...(over && { over }),
    });
    if (replicas === 3) removedOnes = await volumesOf(cluster);
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
  const volumes = await volumesOf(cluster);
  expect(volumes.size === 5, `volumes: ${[...volumes.keys()].join(' ')}`);
  const again = ['data-locks-3', 'data-locks-4'];
  for (const name of again)
    expect(
      volumes.get(name) === removedOnes.get(name),
      `${name} is another volume than the removed member's`,
    );
  stage.note(`${again.join(' and ')} were kept from the members that were removed, and serve new ones`);
}

export const lostVolumeIsReplaced: Case = {
  name: 'a volume is deleted under a pod, and the operator killed meanwhile: the member comes back under a new id, nothing acknowledged is lost',
  async run(stage) {
    const { kubectl, note } = stage;
    await startOperator(stage);
    const cluster = await RunningCluster.create(stage, { replicas: 3 });
    const load = await cluster.startLoad();
    const before = await idsOf(cluster);
    const lost = new Map<number, string>();
    const sinceMs = Date.now();
    const lose = async (): Promise<void> => {
      const { status } = await cluster.untilCalm(READY_MS_MAX);
      const { id, pod } = status!.members!.find(({ role }) => role === 'Follower')!;
      lost.set(id, pod);
      await kubectl.run('delete', 'pvc', `data-${pod}`, cluster.here, '--wait=false');
      await kubectl.run('delete', 'pod', pod, cluster.here, '--grace-period=0', '--force');
      await cluster.until('its loss seen', READY_MS_MAX, (seen) => !isCalm(seen));
    };
    const killed = await throughCrashes(stage, cluster, lose, { rounds: ROUNDS_MAX });
    const after = await idsOf(cluster);
    const lostOnes = [...lost].map(([id, pod]) => `${pod} was ${id}`).join(', ');
    note(
      `${lostOnes}; members ${before.join(' ')} became ${after.join(' ')} in ${seconds(Date.now() - sinceMs)}`,
    );
    note(`the operator was killed after ${killed.join(' and ')}`);
    for (const id of lost.keys()) expect(!after.includes(id), `the id ${id} is used again`);
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

/** Each volume of the cluster with its uid, those that are being deleted left out. */
async function volumesOf({ stage, here }: RunningCluster): Promise<Map<string, string>> {
  interface Claim {
    readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  }
  const { items } = await stage.kubectl.get<{ items: Claim[] }>('pvc', here);
  const there = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return new Map(there.map(({ metadata }) => [metadata.name, metadata.uid]));
}

/** The members are so many, and the pods of the others are gone. */
async function hasPods(cluster: RunningCluster, count: number): Promise<boolean> {
  const { status } = await cluster.get();
  return status?.members?.length === count && (await cluster.pods()).length === count;
}
