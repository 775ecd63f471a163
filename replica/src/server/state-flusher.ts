import type { StateMachine } from '../state/index.js';
import type { Environment, Timer } from './driver/environment.js';
import { HOUSEKEEPING, type HousekeepingPace } from './housekeeping.js';
import { isFullDisk } from './space/full-disk.js';

const DIRTY_BYTES_MAX = 2 * 1024 * 1024;

/**
 * Carries dirty state to RocksDB: coalesced and unsynced every second, synced every few. A crash
 * in between costs nothing, because the log replays the rest. What finds no room stays in memory, and is tried again by
 * `regain` only: a burst on a full disk would do nothing but fail.
 */
export class StateFlusher {
  readonly #state: StateMachine;
  readonly #environment: Environment;
  readonly #flushed: (elapsedMs: number) => void;
  readonly #failed: (error: unknown) => void;
  readonly #pace: HousekeepingPace;
  #timer: Timer | undefined;
  #syncedAt: number;
  #busy = false;
  #full = false;

  constructor(
    state: StateMachine,
    environment: Environment,
    flushed: (elapsedMs: number) => void,
    failed: (error: unknown) => void,
    pace = HOUSEKEEPING,
  ) {
    this.#state = state;
    this.#environment = environment;
    this.#flushed = flushed;
    this.#failed = failed;
    this.#pace = pace;
    this.#syncedAt = environment.monotonicMs();
  }

  start(): void {
    this.#timer = this.#environment.every(this.#pace.flushMs, () => {
      if (!this.#full) void this.#run();
    });
  }

  /** Called after applies: a burst does not wait for the timer. */
  applied(): void {
    if (!this.#full && this.#state.dirtyBytes > DIRTY_BYTES_MAX) void this.#run();
  }

  /** The last write found no room. */
  get full(): boolean {
    return this.#full;
  }

  /** Tries again after a write that found no room; nothing otherwise. Resolves when it ended. */
  async regain(): Promise<void> {
    if (this.#full) await this.#run();
  }

  stop(): void {
    this.#timer?.stop();
  }

  async #run(): Promise<void> {
    if (this.#busy) return;
    const began = this.#environment.monotonicMs();
    const sync =
      began - this.#syncedAt >= this.#pace.syncMs && this.#state.durableIndex < this.#state.appliedIndex;
    if (!sync && !this.#full && this.#state.dirtyBytes === 0) return;
    this.#busy = true;
    try {
      // Of a write that failed nothing is known but that it is not all there: the next one brings everything, synced.
      if (sync || this.#full) {
        await this.#state.sync();
        this.#syncedAt = this.#environment.monotonicMs();
      } else {
        await this.#state.flush();
      }
      this.#full = false;
      this.#flushed(this.#environment.monotonicMs() - began);
    } catch (error) {
      if (isFullDisk(error)) this.#full = true;
      else this.#failed(error);
    } finally {
      this.#busy = false;
    }
  }
}
