import { eventually } from '../../../harness/clock.js';
import { expect, type Stage } from '../case.js';
import { isCalm, type RunningCluster } from '../clusters/running.js';
import { OPERATOR } from '../release/operator.js';

const LOOK_EVERY_MS = 100;
const POINT_MS_MAX = 120_000;
const CHANGED_MS_MAX = 240_000;

/** How often the operator is killed during each change. */
const KILLS = process.env['AEGIS_E2E_FULL'] === undefined ? 2 : 10;

interface EventList {
  readonly items: readonly {
    readonly metadata: { readonly uid: string };
    readonly reason: string;
    readonly regarding: { readonly kind: string; readonly name: string };
    readonly series?: { readonly count: number };
  }[];
}

/** How often each event was told, with its reason, by its uid. */
type Told = ReadonlyMap<string, { readonly reason: string; readonly count: number }>;

/**
 * Kills the operator right after it has done something: its events are its steps, told as it takes them. The API server tells of an
 * event some milliseconds after the step, so that the process ends in the middle of whatever comes next.
 */
class CrashPoints {
  readonly killed: string[] = [];

  private constructor(
    readonly stage: Stage,
    readonly cluster: RunningCluster,
    private seen: Told,
  ) {}

  static async begin(stage: Stage, cluster: RunningCluster): Promise<CrashPoints> {
    return new CrashPoints(stage, cluster, await told(stage, cluster));
  }

  /** Kills it after each of its next `times` steps, or until the change is over. */
  async kill(times: number, over: () => Promise<boolean>): Promise<void> {
    for (let done = 0; done < times; done++) {
      const steps = await eventually(
        'another step of the operator',
        POINT_MS_MAX,
        async () => {
          const ended = await over();
          const news = await this.#news();
          return news.length > 0 || ended ? news : undefined;
        },
        LOOK_EVERY_MS,
      );
      if (steps.length === 0) return;
      await killOperators(this.stage);
      this.killed.push(steps.join('+'));
    }
  }

  /** The reasons of what was told since the last time. */
  async #news(): Promise<readonly string[]> {
    const now = await told(this.stage, this.cluster);
    const news = [...now].filter(([uid, { count }]) => count > (this.seen.get(uid)?.count ?? 0));
    this.seen = now;
    return news.map(([, { reason }]) => reason);
  }
}

/** Both replicas of the operator at once, without a word. */
async function killOperators({ kubectl }: Stage): Promise<void> {
  const { namespace } = OPERATOR;
  const which = ['--selector=app.kubernetes.io/name=aegis-operator', `--namespace=${namespace}`];
  await kubectl.run('delete', 'pods', ...which, '--grace-period=0', '--force');
}

async function told({ kubectl }: Stage, { name, here }: RunningCluster): Promise<Told> {
  const { items } = await kubectl.get<EventList>('events.events.k8s.io', here);
  const own = items.filter(({ regarding }) => regarding?.kind === 'AegisCluster' && regarding.name === name);
  return new Map(
    own.map(({ metadata, reason, series }) => [metadata.uid, { reason, count: series?.count ?? 1 }]),
  );
}

/** Makes a change, kills the operator while it is carried out, and waits until all is well. @returns after which steps */
export async function throughCrashes(
  stage: Stage,
  cluster: RunningCluster,
  change: () => Promise<unknown>,
): Promise<readonly string[]> {
  const points = await CrashPoints.begin(stage, cluster);
  await change();
  await points.kill(KILLS, () => cluster.get().then(isCalm));
  await cluster.untilCalm(CHANGED_MS_MAX);
  expect(points.killed.length > 0, 'the operator was never killed: the change was over before');
  return points.killed;
}
