import type { StateMachine } from '../state/index.js';
import type { Environment, Timer } from './driver/environment.js';

const FLUSH_INTERVAL_MS = 1000;
const SYNC_INTERVAL_MS = 5000;
const DIRTY_BYTES_MAX = 2 * 1024 * 1024;

/**
 * Carries dirty state to RocksDB: coalesced and unsynced every second, synced every few. A crash
 * in between costs nothing, because the log replays the rest.
 */
export class StateFlusher {
  readonly #state: StateMachine;
  readonly #environment: Environment;
  readonly #flushed: (elapsedMs: number) => void;
  readonly #failed: (error: unknown) => void;
  #timer: Timer | undefined;
  #syncedAt: number;
  #busy = false;

  constructor(
    state: StateMachine,
    environment: Environment,
    flushed: (elapsedMs: number) => void,
    failed: (error: unknown) => void,
  ) {
    this.#state = state;
    this.#environment = environment;
    this.#flushed = flushed;
    this.#failed = failed;
    this.#syncedAt = environment.monotonicMs();
  }

  start(): void {
    this.#timer = this.#environment.every(FLUSH_INTERVAL_MS, () => void this.#run());
  }

  /** Called after applies: a burst does not wait for the timer. */
  applied(): void {
    if (this.#state.dirtyBytes > DIRTY_BYTES_MAX) void this.#run();
  }

  stop(): void {
    this.#timer?.stop();
  }

  async #run(): Promise<void> {
    if (this.#busy) return;
    const began = this.#environment.monotonicMs();
    const sync =
      began - this.#syncedAt >= SYNC_INTERVAL_MS && this.#state.durableIndex < this.#state.appliedIndex;
    if (!sync && this.#state.dirtyBytes === 0) return;
    this.#busy = true;
    try {
      if (sync) {
        await this.#state.sync();
        this.#syncedAt = this.#environment.monotonicMs();
      } else {
        await this.#state.flush();
      }
      this.#flushed(this.#environment.monotonicMs() - began);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#busy = false;
    }
  }
}
