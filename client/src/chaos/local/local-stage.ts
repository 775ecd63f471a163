import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../cluster/cluster.js';
import { collectStatus } from '../../status/collect.js';
import type { ClusterFolder, MemberState } from '../../supervisor/cluster-folder.js';
import { knownMembers } from '../../supervisor/known-members.js';
import { alive, signal, type ProcessIdentity } from '../../supervisor/process-identity.js';
import type { Order, Stage } from '../run/stage.js';
import { CpuQuota } from './cpu-quota.js';
import { inject, OrderError } from './fault-channel.js';

const LEADER_MS_MAX = 15_000;
const POLL_MS = 100;

/** A cluster of `aegis up --allow-faults` on this machine. */
export class LocalStage implements Stage {
  readonly members: readonly number[];
  readonly #quotas = new Map<number, { readonly pid: number; readonly quota: CpuQuota }>();

  constructor(
    private readonly folder: ClusterFolder,
    private readonly cluster: Cluster,
  ) {
    this.members = this.#state().map(({ id }) => id);
  }

  /** What keeps faults from this cluster; undefined: nothing. */
  static whyNot(folder: ClusterFolder): string | undefined {
    const running = folder.read()?.members.filter(({ process }) => process !== null && alive(process)) ?? [];
    if (running.length === 0)
      return `no cluster runs in ${folder.path}. Start one with: aegis up --allow-faults`;
    const deaf = running.filter(({ name }) => !existsSync(join(folder.dataPath(name), 'faults.sock')));
    if (deaf.length === 0) return undefined;
    const names = deaf.map(({ name }) => name).join(', ');
    return `${names} took no faults: the cluster has to be started with: aegis up --allow-faults`;
  }

  async leader(): Promise<number> {
    const untilMs = performance.now() + LEADER_MS_MAX;
    while (performance.now() < untilMs) {
      const { leader } = await collectStatus(this.cluster, knownMembers(this.folder.read()!));
      if (leader !== null && this.members.includes(leader)) return leader;
      await sleep(POLL_MS);
    }
    throw new OrderError(`nobody leads since ${LEADER_MS_MAX / 1000} s`);
  }

  async order(member: number, order: Order): Promise<void> {
    await inject(join(this.folder.dataPath(this.#member(member).name), 'faults.sock'), order);
  }

  async kill(member: number): Promise<void> {
    signal(this.#process(member), 'SIGKILL');
  }

  async pause(member: number): Promise<void> {
    signal(this.#process(member), 'SIGSTOP');
  }

  async resume(member: number): Promise<void> {
    signal(this.#process(member), 'SIGCONT');
  }

  async throttle(member: number, percent: number | undefined): Promise<void> {
    const { pid } = this.#process(member);
    const before = this.#quotas.get(member);
    if (before !== undefined && (percent === undefined || before.pid !== pid)) {
      before.quota.lift();
      this.#quotas.delete(member);
    }
    if (percent === undefined) return;
    const quota = before?.pid === pid ? before.quota : new CpuQuota(pid);
    this.#quotas.set(member, { pid, quota });
    quota.limit(percent);
  }

  async handOver(to: number): Promise<void> {
    await this.cluster.transferLeadership(to);
  }

  life(member: number): string | undefined {
    const { process } = this.#member(member);
    return process !== null && alive(process) ? `${process.pid} ${process.started}` : undefined;
  }

  #process(member: number): ProcessIdentity {
    const { process, name } = this.#member(member);
    if (process === null || !alive(process)) throw new OrderError(`${name} does not run`);
    return process;
  }

  #member(id: number): MemberState {
    const found = this.#state().find((member) => member.id === id);
    if (found === undefined) throw new OrderError(`there is no member ${id} any more`);
    return found;
  }

  #state(): readonly MemberState[] {
    const state = this.folder.read();
    if (state === undefined) throw new OrderError(`the cluster in ${this.folder.path} is gone`);
    return state.members;
  }
}
