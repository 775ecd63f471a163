import type { SharedSettings, StatusResponse } from '@aegis/proto/v1/cluster';
import type { ConsensusSettings } from '@aegis/replica/settings';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { AegisError } from '../errors/index.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import type { RollLook, RollPlace, RollStage } from './roll.js';
import type { SettingsStore } from './settings-store.js';

const ANSWER_MS = 2_000;

/** The processes of `aegis up`, as a roll needs them. */
export class LiveStage implements RollStage {
  /** What was committed when it was asked last: whoever has applied that has caught up. */
  private committed = 0;

  constructor(
    private readonly supervisor: Supervisor,
    private readonly cluster: Cluster,
    private readonly store: SettingsStore,
    private readonly signal: AbortSignal,
  ) {}

  /** A process runs what its file said when it was started, and both change together. */
  places(): readonly RollPlace[] {
    const { members, settings } = this.store.state;
    return this.supervisor.current.members.map(({ name }) => ({ name, settings: members[name] ?? settings }));
  }

  async look(): Promise<readonly RollLook[]> {
    const { members } = this.supervisor.current;
    const addresses = members.map(({ clientAddress }) => clientAddress);
    const answers = await this.cluster.statuses(ANSWER_MS, addresses);
    const before = this.committed;
    const looks = members.map(({ name }, at): RollLook => {
      const answer = answers[at]!;
      if (!('status' in answer)) return { name, leads: false, well: false };
      const { status } = answer;
      this.committed = Math.max(this.committed, status.commitIndex);
      return { name, leads: status.role === 'leader', well: isWell(status, before) };
    });
    return looks;
  }

  async restart(name: string, settings: ConsensusSettings): Promise<void> {
    this.store.give(name, settings);
    await this.supervisor.restart(name);
  }

  async handOver(): Promise<void> {
    try {
      await this.cluster.transferLeadership();
    } catch (error) {
      // Nobody has caught up in time, or somebody else leads by now: the next look tells.
      if (!(error instanceof AegisError)) throw error;
    }
  }

  async share(settings: SharedSettings): Promise<void> {
    await this.cluster.setSettings(settings);
  }

  now(): number {
    return performance.now();
  }

  async sleep(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.signal }).catch(() => undefined);
  }
}

function isWell({ memberId, leaderId, appliedIndex, members }: StatusResponse, committed: number): boolean {
  const votes = members.some(({ id, state }) => id === memberId && state === 'voter');
  return leaderId !== 0 && votes && appliedIndex >= committed;
}
