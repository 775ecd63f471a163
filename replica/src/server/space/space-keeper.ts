import type { Command } from '@aegis/proto/replica/command';
import { type Alarm, AlarmKind } from '@aegis/proto/v1/alarm';

import type { Environment } from '../driver/environment.js';
import type { Settle } from '../driver/proposals.js';

/** The disk under a replica, as far as there is room on it. */
export interface DiskSpace {
  /** Something found no room, and the reserves are not whole again since. */
  readonly full: boolean;
  /** Tries to make the reserves whole. Resolves when that was tried; rejects if the disk failed otherwise. */
  regain(): Promise<void>;
}

export interface SpaceActions {
  hasAlarm(alarm: Alarm): boolean;
  /** Proposes here or at the leader: a follower tells that it is full in this way, whether or not it can still append. */
  propose(command: Command, settle: Settle): void;
  /** Whether the log has something to write and no room for it. */
  stalled(): boolean;
  retry(): void;
  failed(error: unknown): void;
}

export const SPACE_INTERVAL_MS = 250;
/** Trying means to write a segment full of zeros as far as it goes. */
const REGAIN_INTERVAL_MS = 1000;
/** Room has to last this long before growth is let in again. */
const CALM_MS = 1500;

/**
 * One member's part in NO_SPACE: it raises the alarm about its own disk while the reserves still carry it, and clears it once
 * they are whole again. Both are commands, so that all replicas refuse growth between the same two entries.
 */
export class SpaceKeeper {
  readonly #alarm: Alarm;
  readonly #environment: Environment;
  readonly #space: DiskSpace;
  readonly #actions: SpaceActions;
  #fullAt = -Infinity;
  #proposed = false;
  #regaining = false;
  #regainedAt = -Infinity;

  constructor(memberId: number, environment: Environment, space: DiskSpace, actions: SpaceActions) {
    this.#alarm = { kind: AlarmKind.NO_SPACE, memberId };
    this.#environment = environment;
    this.#space = space;
    this.#actions = actions;
  }

  /** Called every SPACE_INTERVAL_MS. */
  tick(): void {
    const now = this.#environment.monotonicMs();
    if (this.#space.full || this.#actions.stalled()) {
      this.#fullAt = now;
      this.#regain(now);
    }
    this.#tell(now - this.#fullAt < CALM_MS);
  }

  #regain(now: number): void {
    if (this.#regaining || now - this.#regainedAt < REGAIN_INTERVAL_MS) return;
    this.#regaining = true;
    this.#regainedAt = now;
    this.#space.regain().then(
      () => {
        this.#regaining = false;
        this.#actions.retry();
      },
      (error: unknown) => this.#actions.failed(error),
    );
  }

  #tell(raised: boolean): void {
    if (this.#proposed || this.#actions.hasAlarm(this.#alarm) === raised) return;
    this.#proposed = true;
    const value = { alarm: this.#alarm, raised };
    this.#actions.propose({ call: undefined, op: { $case: 'setAlarm', value } }, () => {
      this.#proposed = false;
    });
  }
}
