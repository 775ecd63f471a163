import type { AegisCluster, AegisClusterSpec, Condition } from '@aegis/crds';

import { eventually } from '../../../harness/clock.js';
import { Load } from '../../load/load.js';
import type { Stage } from '../case.js';
import { type Pod, pods } from '../web.js';

const LOOK_EVERY_MS = 200;
export const READY_MS_MAX = 120_000;

/** Of a member. */
export const PORTS = { client: 4410, peer: 4411, metrics: 4412 } as const;

/** Any part of a spec. */
export type Spec = { readonly [K in keyof AegisClusterSpec]?: unknown };

/** So small that as many as the tests want fit on one machine. */
export const SMALL = {
  storage: { size: '1Gi' },
  resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '1Gi' } },
};

/** An AegisCluster that the operator looks after, and what can be asked of it. */
export class RunningCluster {
  constructor(
    readonly stage: Stage,
    readonly name: string,
    readonly namespace: string = stage.namespace,
  ) {}

  /** Applies one, and waits until it is as it is wanted. */
  static async create(stage: Stage, spec: Spec = {}, name = 'locks'): Promise<RunningCluster> {
    const cluster = new RunningCluster(stage, name);
    await cluster.apply({ ...SMALL, ...spec });
    await cluster.untilCalm(READY_MS_MAX);
    return cluster;
  }

  async apply(spec: Spec): Promise<void> {
    const kind = { apiVersion: 'aegis.dev/v1alpha1', kind: 'AegisCluster' };
    await this.stage.kubectl.apply([{ ...kind, metadata: { name: this.name }, spec }], this.here);
  }

  /** Changes a part of its spec, as `kubectl patch` does. */
  async change(spec: Spec): Promise<void> {
    const patch = `--patch=${JSON.stringify({ spec })}`;
    await this.stage.kubectl.run('patch', 'aegiscluster', this.name, this.here, '--type=merge', patch);
  }

  get(): Promise<AegisCluster> {
    return this.stage.kubectl.get<AegisCluster>('aegiscluster', this.name, this.here);
  }

  async delete(): Promise<void> {
    await this.stage.kubectl.run('delete', 'aegiscluster', this.name, this.here, '--wait=false');
  }

  /** With its volumes, and waits until nothing of it is left. */
  async deleteWhole(withinMs: number): Promise<void> {
    const { kubectl } = this.stage;
    const waits = `--timeout=${Math.round(withinMs / 1000)}s`;
    await kubectl.run('delete', 'aegiscluster', this.name, this.here, waits);
    await eventually(`${this.name}: its pods are gone`, withinMs, async () =>
      (await this.pods()).length === 0 ? true : undefined,
    );
    await kubectl.run('delete', 'pvc', `--selector=aegis.dev/cluster=${this.name}`, this.here, waits);
  }

  /** Its pods, by name. */
  async pods(): Promise<readonly Pod[]> {
    const labels = `app.kubernetes.io/name=aegis,aegis.dev/cluster=${this.name}`;
    const found = await pods({ ...this.stage, namespace: this.namespace }, labels);
    return found.toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  }

  /** Which pods these are: another text if one was made anew. */
  async podUids(): Promise<string> {
    return (await this.pods()).map(({ metadata }) => metadata.uid).join();
  }

  /** The pod that leads, as the status has it. */
  async leader(): Promise<string> {
    const { status } = await this.until(
      'a leader',
      READY_MS_MAX,
      ({ status: now }) => now?.leader !== undefined,
    );
    return status!.leader!;
  }

  /** Waits until it is so; what its conditions say is part of the error if it never is. */
  async until(
    what: string,
    withinMs: number,
    holds: (cluster: AegisCluster) => boolean | Promise<boolean>,
  ): Promise<AegisCluster> {
    let last: AegisCluster | undefined;
    const look = async (): Promise<AegisCluster | undefined> => {
      last = await this.get();
      return (await holds(last)) ? last : undefined;
    };
    try {
      return await eventually(`${this.name}: ${what}`, withinMs, look, LOOK_EVERY_MS);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${last === undefined ? '' : describe(last)}`, {
        cause: error,
      });
    }
  }

  /** Waits until everything is as its spec wants it, and nothing goes on. */
  untilCalm(withinMs: number): Promise<AegisCluster> {
    return this.until('as it is wanted', withinMs, isCalm);
  }

  /** A client in a pod that writes through all that comes. */
  startLoad(name = 'load'): Promise<Load> {
    const endpoints = [`${this.name}-client.${this.namespace}.svc:4410`];
    const { namespace } = this;
    return Load.start(this.stage, { endpoints, secret: `${this.name}-client`, namespace, name });
  }

  get here(): string {
    return `--namespace=${this.namespace}`;
  }
}

export function conditionOf({ status }: AegisCluster, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** As `True QuorumAnswers: …`; for notes and errors. */
export function said(cluster: AegisCluster, type: string): string {
  const condition = conditionOf(cluster, type);
  return condition === undefined
    ? 'nothing'
    : `${condition.status} ${condition.reason}: ${condition.message}`;
}

export function isCalm(cluster: AegisCluster): boolean {
  const { metadata, spec, status } = cluster;
  const are = (type: string, value: string): boolean => conditionOf(cluster, type)?.status === value;
  return (
    status?.observedGeneration === metadata.generation &&
    are('Available', 'True') &&
    are('Progressing', 'False') &&
    are('Degraded', 'False') &&
    are('ConfigInSync', 'True') &&
    status?.replicas === spec.replicas &&
    status?.readyReplicas === spec.replicas &&
    status?.members?.length === spec.replicas
  );
}

function describe(cluster: AegisCluster): string {
  const types = ['Available', 'Progressing', 'Degraded', 'ConfigInSync', 'VolumesExist', 'DataLost'];
  const members = cluster.status?.members?.map(
    ({ id, pod, role, ready }) => `${pod}=${id} ${role}${ready ? '' : ' not ready'}`,
  );
  return [...types.map((type) => `${type}: ${said(cluster, type)}`), `members: ${members?.join(', ')}`].join(
    '\n',
  );
}
