import type { AegisCluster } from '@aegis/crds';

import { eventually } from '../../../harness/clock.js';
import { expect, type Stage } from '../case.js';
import { isCalm, type RunningCluster } from '../clusters/running.js';
import { OPERATOR } from '../release/operator.js';

const LOOK_EVERY_MS = 100;
/** Until its next step; from the last kill to the end of the change it may be twice that. */
const STEP_MS_MAX = 120_000;

const FULL = process.env['AEGIS_E2E_FULL'] !== undefined;
/** How often the operator is killed during each change. */
const KILLS = FULL ? 10 : 2;

const KINDS = 'events.events.k8s.io,statefulsets,cronjobs,jobs,configmaps,secrets,pvc,aegisclusters';

/** Of any of these kinds. */
interface Thing {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation?: number;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly reason?: string;
  readonly regarding?: { readonly kind: string; readonly name: string };
  readonly deprecatedCount?: number;
  readonly status?: AegisCluster['status'];
}

/** What the operator has done so far: each step once, under a key of its own, with a word for it. */
type Told = ReadonlyMap<string, string>;

/**
 * Kills the operator right after it has done something: what it writes and the events that it tells are its steps, and in the full run
 * what its status says, too. They are seen some milliseconds after the step, so that the process ends in the middle of whatever
 * comes next.
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
  async kill(times: number, over: () => Promise<boolean>, stepMsMax: number): Promise<void> {
    for (let done = 0; done < times; done++) {
      const steps = await eventually(
        'another step of the operator',
        stepMsMax,
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

  /** What was done up to now is none of its steps. */
  async pass(): Promise<void> {
    await this.#news();
  }

  /** Words for what was done since the last time. */
  async #news(): Promise<readonly string[]> {
    const now = await told(this.stage, this.cluster);
    const news = [...now].filter(([step]) => !this.seen.has(step));
    this.seen = new Map([...this.seen, ...now]);
    return news.map(([, word]) => word);
  }
}

/** Both replicas of the operator at once, without a word. */
async function killOperators({ kubectl }: Stage): Promise<void> {
  const { namespace } = OPERATOR;
  const which = ['--selector=app.kubernetes.io/name=aegis-operator', `--namespace=${namespace}`];
  await kubectl.run('delete', 'pods', ...which, '--grace-period=0', '--force');
}

async function told({ kubectl }: Stage, { name, here }: RunningCluster): Promise<Told> {
  const { items } = await kubectl.get<{ readonly items: readonly Thing[] }>(KINDS, here);
  return new Map(items.flatMap((thing) => stepsOf(thing, name)));
}

function stepsOf(thing: Thing, cluster: string): readonly [string, string][] {
  const { kind, metadata, regarding, reason = '', status } = thing;
  const { name, uid, labels, generation, resourceVersion } = metadata;
  switch (kind) {
    case 'Event':
      if (regarding?.kind !== 'AegisCluster' || regarding.name !== cluster) return [];
      return [[`${uid} ${thing.deprecatedCount ?? 1}`, reason]];
    case 'AegisCluster': {
      const going = status?.conditions?.find(({ type }) => type === 'Progressing');
      if (name !== cluster || !FULL || going === undefined) return [];
      return [[`${going.reason} ${going.message}`, `says ${going.reason}`]];
    }
    default:
      // Others write the status of what has a generation, and of volumes; the rest is written by the operator alone.
      if (labels?.['aegis.dev/cluster'] !== cluster) return [];
      return [
        [`${uid} ${generation ?? (kind === 'PersistentVolumeClaim' || resourceVersion)}`, `${kind} ${name}`],
      ];
  }
}

interface Crashed {
  /** Whether the change has come to its end; usually: all is as it is wanted. */
  readonly over?: () => Promise<boolean>;
  /** A change of few steps is made so often at most, until the operator was killed often enough. */
  readonly rounds?: number;
  /** Brings back what was before, so that the change can be made again; not needed where each round makes another one. */
  readonly undo?: () => Promise<unknown>;
  readonly stepMsMax?: number;
}

/**
 * Makes a change, kills the operator while it is carried out, and waits until all is well.
 * @param change is told which round this is, from 0 on
 * @returns after which steps
 */
export async function throughCrashes(
  stage: Stage,
  cluster: RunningCluster,
  change: (round: number) => Promise<unknown>,
  { over = () => cluster.get().then(isCalm), rounds = 1, undo, stepMsMax = STEP_MS_MAX }: Crashed = {},
): Promise<readonly string[]> {
  const points = await CrashPoints.begin(stage, cluster);
  for (let round = 0; round < rounds && points.killed.length < KILLS; round++) {
    if (round > 0) {
      await undo?.();
      await points.pass();
    }
    await change(round);
    await points.kill(KILLS - points.killed.length, over, stepMsMax);
    await cluster.until('the change is over', 2 * stepMsMax, over);
  }
  const { killed } = points;
  expect(
    killed.length === KILLS,
    `the operator was killed ${killed.length} times, after ${killed.join(', ')}: the change was over before`,
  );
  return killed;
}
