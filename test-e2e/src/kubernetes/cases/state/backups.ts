import { aegisIn } from '../../load/exec.js';
import { seconds } from '../../progress.js';
import { type Case, expect, type Stage } from '../case.js';
import { throughCrashes } from '../changes/crash-points.js';
import { conditionOf, READY_MS_MAX, RunningCluster, said, SMALL } from '../clusters/running.js';
import { startOperator } from '../release/operator.js';

const CLAIM = 'backups';
/** The schedule is by the minute, and a pod has to begin. */
const BACKUP_MS_MAX = 150_000;
const REFUSED_MS_MAX = 90_000;
const KEYS = 20;
/** One takes few steps of the operator: as many are made as crashes are wanted. */
const BACKUPS_MAX = 10;
const RESTORES_MAX = 3;

export const backupBecomesACluster: Case = {
  name: 'a backup on a schedule, and a new cluster from it, the operator killed during both: its keys are there, its tokens go on higher; a file of another digest is refused',
  waits: true,
  async run(stage) {
    await startOperator(stage);
    await makeClaim(stage);
    const schedule = { schedule: '* * * * *', claimName: CLAIM, keep: 2 };
    const first = await RunningCluster.create(stage, { replicas: 3 }, 'first');
    const load = await first.startLoad('client-of-first');
    for (let at = 0; at < KEYS; at++)
      await write(stage, 'client-of-first', first, `kept-${at}`, `value ${at}`);
    const { held } = await load.report(0);
    // All that was written before the schedule is in the first backup.
    const lastOf = async () => (await first.get()).status?.lastBackup?.time;
    let before: string | undefined;
    const killed = await throughCrashes(
      stage,
      first,
      async (round) => {
        before = await lastOf();
        await first.change({ backup: { ...schedule, keep: 2 + round } });
      },
      { over: async () => (await lastOf()) !== before, rounds: BACKUPS_MAX, stepMsMax: BACKUP_MS_MAX },
    );
    const saved = await first.get();
    const { file, digest, time } = saved.status!.lastBackup!;
    stage.note(`saved ${file} at ${time}, digest ${digest.slice(0, 16)}…, while the client wrote`);
    stage.note(`the operator was killed after ${killed.join(' and ')}`);
    await load.expectNothingLost();
    // Or the file is one of the oldest before long.
    await first.change({ backup: { ...schedule, schedule: '0 0 1 1 *' } });

    const sinceMs = Date.now();
    const from = (name: string, of: string) => ({ claimName: CLAIM, path: name, digest: of });
    const second = new RunningCluster(stage, 'second');
    const restore = () =>
      second.apply({ ...SMALL, replicas: 3, bootstrap: { fromBackup: from(file, digest) } });
    const crashes = await throughCrashes(stage, second, restore, {
      rounds: RESTORES_MAX,
      undo: () => second.deleteWhole(READY_MS_MAX),
    });
    await second.untilCalm(READY_MS_MAX);
    stage.note(
      `three members out of it after ${seconds(Date.now() - sinceMs)}, the operator killed after ${crashes.join(' and ')}`,
    );
    const restored = await second.startLoad('client-of-second');
    for (let at = 0; at < KEYS; at++) {
      const askedMs = Date.now();
      const value = await read(stage, 'client-of-second', second, `kept-${at}`).catch(
        async (error: Error) => {
          // Was it this command, or the cluster?
          const { longestGap } = await restored.report(askedMs);
          throw new Error(`${error.message}\nanother client: ${longestGap.ms} ms without a write meanwhile`, {
            cause: error,
          });
        },
      );
      expect(value === `value ${at}`, `kept-${at} is ${JSON.stringify(value)}`);
    }
    const { token } = (await restored.report(0)).held;
    stage.note(`the lock that was held under token ${held.token} was granted anew under ${token}`);
    expect(token > held.token + 1_000_000_000, `token ${token} after ${held.token}`);
    const { clusterId } = (await second.get()).status!;
    expect(clusterId !== saved.status!.clusterId, 'the new cluster has the id of the old one');

    const third = new RunningCluster(stage, 'third');
    const wrong = {
      replicas: 1,
      storage: { size: '1Gi' },
      bootstrap: { fromBackup: from(file, 'ab'.repeat(32)) },
    };
    await third.apply(wrong);
    const refused = await third.until(
      'the restore refused',
      REFUSED_MS_MAX,
      (seen) => conditionOf(seen, 'Degraded')?.reason === 'RestoreFailed',
    );
    const why = said(refused, 'Degraded');
    stage.note(`another digest: ${why.slice(0, 300)}`);
    expect(why.includes('and cluster') && why.includes('begins from abab'), why);
    expect((await third.pods()).length === 0, 'a cluster began without its backup');
    await second.until(
      'both calm',
      READY_MS_MAX,
      (seen) => conditionOf(seen, 'Degraded')?.status === 'False',
    );
  },
};

async function makeClaim({ kubectl, namespace }: Stage): Promise<void> {
  const spec = { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: CLAIM }, spec };
  await kubectl.apply([claim], `--namespace=${namespace}`);
}

async function write(
  stage: Stage,
  pod: string,
  cluster: RunningCluster,
  key: string,
  value: string,
): Promise<void> {
  const { status, stderr } = await ask(stage, pod, cluster, ['kv', 'put', key, value]);
  expect(status === 0, `put ${key}: ${stderr}`);
}

async function read(stage: Stage, pod: string, cluster: RunningCluster, key: string): Promise<string> {
  const { status, stdout, stderr } = await ask(stage, pod, cluster, ['kv', 'get', key, '--value-only']);
  expect(status === 0, `get ${key}: ${stderr}`);
  return stdout.trim();
}

function ask(stage: Stage, pod: string, { name, namespace }: RunningCluster, words: readonly string[]) {
  return aegisIn(stage, namespace, pod, `${name}-client.${namespace}.svc:4410`, words);
}
