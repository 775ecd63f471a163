import { MemoryStorage, type StateStorage, type StorageRange, type StorageWrite } from '../state/index.js';
import type { Random } from './random.js';

/**
 * The state storage on a simulated disk. A write is seen at once, takes its time, and is durable only when a synced one has ended:
 * power that is lost leaves of the others any number of the oldest, as the storage's own log does.
 */
export class SimulatedStorage implements StateStorage {
  readonly #rows = new MemoryStorage();
  readonly #random: Random;
  readonly #delay: () => Promise<void>;
  /** Writes that a crash cannot take any more. */
  #durable = 0;

  constructor(random: Random, delay: () => Promise<void>) {
    this.#random = random;
    this.#delay = delay;
  }

  /** Of all keys and values. */
  get bytes(): number {
    return this.#rows.bytes;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#rows.get(key);
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return this.#rows.getMany(keys);
  }

  iterate(range: StorageRange): ReturnType<StateStorage['iterate']> {
    return this.#rows.iterate(range);
  }

  async write(writes: readonly StorageWrite[], { sync }: { readonly sync: boolean }): Promise<void> {
    void this.#rows.write(writes, { sync: false });
    const number = this.#durable + this.#rows.unsyncedWrites;
    // For ever, if the process ends meanwhile.
    await this.#delay();
    if (!sync || number <= this.#durable) return;
    this.#rows.settle(number - this.#durable);
    this.#durable = number;
  }

  /** Puts rows there, durable, as nobody who wrote them would. */
  plant(writes: readonly StorageWrite[]): void {
    this.#durable += this.#rows.unsyncedWrites;
    void this.#rows.write(writes, { sync: true });
  }

  /** Power is lost. All that was not synced goes often: that is the worst that may happen. */
  crash(): void {
    const unsynced = this.#rows.unsyncedWrites;
    this.#rows.crash(this.#random.chance(0.5) ? 0 : this.#random.below(unsynced + 1));
  }

  async close(): Promise<void> {}
}
