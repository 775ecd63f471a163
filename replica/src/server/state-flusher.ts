import type { StateMachine } from '../state/index.js';

const FLUSH_INTERVAL_MS = 1000;
const SYNC_INTERVAL_MS = 5000;
const DIRTY_BYTES_MAX = 2 * 1024 * 1024;

/**
 * Carries dirty state to RocksDB: coalesced and unsynced every second, synced every few. A crash
 * in between costs nothing, because the log replays the rest.
 */
export class StateFlusher {
  readonly #state: StateMachine;
  readonly #flushed: (elapsedMs: number) => void;
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #syncedAt = performance.now();
  #busy = false;

  constructor(state: StateMachine, flushed: (elapsedMs: number) => void, failed: (error: unknown) => void) {
    this.#state = state;
    this.#flushed = flushed;
    this.#failed = failed;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#run(), FLUSH_INTERVAL_MS);
  }

  /** Called after applies: a burst does not wait for the timer. */
  applied(): void {
    if (this.#state.dirtyBytes > DIRTY_BYTES_MAX) void this.#run();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #run(): Promise<void> {
    if (this.#busy) return;
    const began = performance.now();
    const sync =
      began - this.#syncedAt >= SYNC_INTERVAL_MS && this.#state.durableIndex < this.#state.appliedIndex;
    if (!sync && this.#state.dirtyBytes === 0) return;
    this.#busy = true;
    try {
      if (sync) {
        await this.#state.sync();
        this.#syncedAt = performance.now();
      } else {
        await this.#state.flush();
      }
      this.#flushed(performance.now() - began);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#busy = false;
    }
  }
}
