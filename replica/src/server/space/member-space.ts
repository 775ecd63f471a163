import type { Environment } from '../driver/environment.js';
import type { StateFlusher } from '../state-flusher.js';
import type { DiskSpace } from './space-keeper.js';

/** The part of the log that keeps reserves. */
export interface ReservingLog {
  /** True while the next segment or the reserve cannot be made. */
  readonly noSpace: boolean;
  regainSpace(): Promise<boolean>;
}

/** RocksDB recovers by itself from most writes that found no room, some seconds after there is some; from a torn one never. */
const STORAGE_RECOVERY_MS = 30_000;

/** The disk under one member: its log with the segments in reserve, and its state. */
export class MemberSpace implements DiskSpace {
  readonly #log: ReservingLog;
  readonly #flusher: StateFlusher;
  readonly #environment: Environment;
  readonly #roomForState: () => boolean;
  /** Since when only the storage of the state refuses to write. */
  #refusedSince: number | undefined;

  /** `roomForState`: whether the disk itself has room for a write of the state. */
  constructor(
    log: ReservingLog,
    flusher: StateFlusher,
    environment: Environment,
    roomForState: () => boolean,
  ) {
    this.#log = log;
    this.#flusher = flusher;
    this.#environment = environment;
    this.#roomForState = roomForState;
  }

  get full(): boolean {
    return this.#log.noSpace || this.#flusher.full;
  }

  async regain(): Promise<void> {
    await this.#flusher.regain();
    const logHasRoom = await this.#log.regainSpace();
    if (!this.#flusher.full || !logHasRoom || !this.#roomForState()) {
      this.#refusedSince = undefined;
      return;
    }
    const now = this.#environment.monotonicMs();
    this.#refusedSince ??= now;
    if (now - this.#refusedSince < STORAGE_RECOVERY_MS) return;
    throw new Error(
      'the disk has room again, but the storage of the state still refuses to write: it has to be opened anew. ' +
        'Nothing is lost, the log holds it all. Start the replica again',
    );
  }
}
