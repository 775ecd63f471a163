/** The part of the log that is compacted. */
export interface CompactableLog {
  /** The last entry before the log's first. */
  readonly truncation: { readonly index: number };
  compact(toIndex: number): Promise<void>;
}

export interface CompactionLimits {
  /** Entries that have to gather before the log is compacted again. */
  readonly thresholdEntries: number;
  /** Applied entries that are kept for followers that are not far behind. */
  readonly retentionEntries: number;
}

/** Forgets log entries that nobody needs: applied and durable in the state, and older than what is kept for followers. */
export class Compactor {
  readonly #log: CompactableLog;
  readonly #state: { readonly appliedIndex: number; readonly durableIndex: number };
  readonly #limits: CompactionLimits;
  readonly #neededAfter: () => number;
  readonly #failed: (error: unknown) => void;
  #busy = false;

  constructor(
    log: CompactableLog,
    state: { readonly appliedIndex: number; readonly durableIndex: number },
    limits: CompactionLimits,
    /** Entries after this one have to stay: a snapshot that is on its way ends there. */
    neededAfter: () => number,
    failed: (error: unknown) => void,
  ) {
    this.#log = log;
    this.#state = state;
    this.#limits = limits;
    this.#neededAfter = neededAfter;
    this.#failed = failed;
  }

  /** Called now and then, off the way of writes. */
  run(): void {
    const { appliedIndex, durableIndex } = this.#state;
    const { thresholdEntries, retentionEntries } = this.#limits;
    const to = Math.min(durableIndex, appliedIndex - retentionEntries, this.#neededAfter());
    if (this.#busy || to - this.#log.truncation.index < thresholdEntries) return;
    this.#busy = true;
    this.#log.compact(to).then(
      () => (this.#busy = false),
      (error: unknown) => {
        this.#busy = false;
        this.#failed(error);
      },
    );
  }
}
