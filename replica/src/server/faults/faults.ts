/** What is wrong with the way from this replica to one peer. */
export interface LinkFault {
  /** Nothing passes, and nobody is told. */
  readonly cut: boolean;
  readonly delayMs: number;
  /** Uniform from 0; frames stay in order. */
  readonly jitterMs: number;
  readonly lossPercent: number;
  /** 0: no limit. */
  readonly bytesPerSecond: number;
}

/** What is wrong with every sync of a write, of the log and of the state. */
export interface SyncFault {
  readonly slowMs: number;
  /** No sync returns while this lasts. */
  readonly stalled: boolean;
  readonly failing: boolean;
}

export interface ClockFault {
  /** Of the wall clock, from the true one. */
  readonly offsetMs: number;
  /** Of the monotonic clock, in millionths of its rate. */
  readonly driftPpm: number;
}

export const SOUND_LINK: LinkFault = {
  cut: false,
  delayMs: 0,
  jitterMs: 0,
  lossPercent: 0,
  bytesPerSecond: 0,
};
export const SOUND_SYNC: SyncFault = { slowMs: 0, stalled: false, failing: false };
export const SOUND_CLOCK: ClockFault = { offsetMs: 0, driftPpm: 0 };

/** The faults of this process, as they are now. What decorates the world reads them; the control channel sets them. */
export class Faults {
  readonly #links = new Map<number, LinkFault>();
  #sync = SOUND_SYNC;
  #diskFull = false;
  #clock = SOUND_CLOCK;
  #garbageMbPerSecond = 0;
  #listeners = new Set<() => void>();

  link(peer: number): LinkFault {
    return this.#links.get(peer) ?? SOUND_LINK;
  }

  get sync(): SyncFault {
    return this.#sync;
  }

  /** Whatever would grow a file is refused, as by ENOSPC. */
  get diskFull(): boolean {
    return this.#diskFull;
  }

  get clock(): ClockFault {
    return this.#clock;
  }

  get garbageMbPerSecond(): number {
    return this.#garbageMbPerSecond;
  }

  setLink(peer: number, fault: LinkFault): void {
    this.#links.set(peer, fault);
    this.#changed();
  }

  setSync(fault: SyncFault): void {
    this.#sync = fault;
    this.#changed();
  }

  setDiskFull(full: boolean): void {
    this.#diskFull = full;
    this.#changed();
  }

  setClock(fault: ClockFault): void {
    this.#clock = fault;
    this.#changed();
  }

  setGarbage(mbPerSecond: number): void {
    this.#garbageMbPerSecond = mbPerSecond;
    this.#changed();
  }

  clear(): void {
    this.#links.clear();
    this.#sync = SOUND_SYNC;
    this.#diskFull = false;
    this.#clock = SOUND_CLOCK;
    this.#garbageMbPerSecond = 0;
    this.#changed();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves at the next change. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.onChange(() => {
        stop();
        resolve();
      });
    });
  }

  /** For answers on the control channel. */
  show(): object {
    return {
      links: Object.fromEntries([...this.#links].filter(([, link]) => !isSound(link))),
      fsync: this.#sync,
      disk: { full: this.#diskFull },
      clock: this.#clock,
      garbage: { mbPerSecond: this.#garbageMbPerSecond },
    };
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function isSound({ cut, delayMs, jitterMs, lossPercent, bytesPerSecond }: LinkFault): boolean {
  return !cut && delayMs === 0 && jitterMs === 0 && lossPercent === 0 && bytesPerSecond === 0;
}
