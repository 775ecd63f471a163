import type { SharedSettings } from '@aegis/proto/v1/cluster';
import { isRollSafe, resolveSettings, type ConsensusSettings } from '@aegis/replica/settings';
import assert from 'node:assert/strict';
import type { RollStage } from './roll.js';

export const DEFAULTS = resolveSettings('all');
export const SLOWER: ConsensusSettings = { ...DEFAULTS, electionTimeoutMs: 1_200 };
export const NAMES = ['aegis-1', 'aegis-2', 'aegis-3', 'aegis-4', 'aegis-5'];

/** A cluster in memory, on a clock of its own: for tests of whoever rolls it. It fails where a roll would endanger a real one. */
export class Cluster implements RollStage {
  readonly done: string[] = [];
  readonly shared: SharedSettings[] = [];
  readonly settings = new Map(NAMES.map((name) => [name, DEFAULTS]));
  readonly unwell = new Set<string>();
  leader = 'aegis-2';
  /** Settings with which nobody comes back. */
  deadly: (settings: ConsensusSettings) => boolean = () => false;
  refuses = false;
  onRestart: (name: string, settings: ConsensusSettings) => void = () => undefined;
  private nowMs = 0;
  private readonly backAt = new Map<string, number>();

  places() {
    return NAMES.map((name) => ({ name, settings: this.settings.get(name)! }));
  }

  look() {
    return Promise.resolve(
      NAMES.map((name) => ({ name, leads: name === this.leader, well: this.well(name) })),
    );
  }

  restart(name: string, settings: ConsensusSettings) {
    const others = NAMES.filter((other) => other !== name && this.well(other));
    assert(others.length >= 3, `${name} is restarted while only ${others.length} others are well`);
    assert.notEqual(name, this.leader, 'the leader is restarted before it handed over');
    this.settings.set(name, settings);
    this.onRestart(name, settings);
    const all = [...this.settings.values()];
    for (const a of all)
      for (const b of all) assert(isRollSafe(a, b), 'these settings cannot run side by side');
    this.backAt.set(name, this.deadly(settings) ? Infinity : this.nowMs + 2_000);
    this.done.push(`${name} ${settings.heartbeatIntervalMs}/${settings.electionTimeoutMs}`);
    return Promise.resolve();
  }

  handOver() {
    this.done.push('hand over');
    this.leader = NAMES.find((name) => name !== this.leader && this.well(name)) ?? this.leader;
    return Promise.resolve();
  }

  share(settings: SharedSettings) {
    if (this.refuses) return Promise.reject(new Error('rule lease-range'));
    const last = this.shared.at(-1);
    if (JSON.stringify(last) !== JSON.stringify(settings)) {
      this.shared.push(settings);
      this.done.push(`min ${settings.leaseMinTtlMs}`);
    }
    return Promise.resolve();
  }

  now() {
    return this.nowMs;
  }

  sleep(ms: number) {
    this.nowMs += ms;
    return Promise.resolve();
  }

  private well(name: string): boolean {
    return !this.unwell.has(name) && (this.backAt.get(name) ?? 0) <= this.nowMs;
  }
}
