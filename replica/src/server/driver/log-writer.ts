import type { Entry, HardState, Message } from '../../raft/index.js';

/** The part of the log that the driver writes through. */
export interface WritableLog {
  /** As of the last durable batch. */
  readonly hardState: Readonly<HardState>;
  append(batch: { hardState?: HardState; entries: readonly Entry[] }): Promise<void>;
}

/**
 * Feeds the log one batch at a time. Whatever the core asks for while the disk is busy goes into the next
 * batch together: one write, one sync. Its answers leave only after that sync.
 */
export class LogWriter {
  readonly #log: WritableLog;
  readonly #done: (responses: readonly Message[], writtenInMs: number | undefined) => void;
  readonly #failed: (error: unknown) => void;
  readonly #now: () => number;
  #waiting: Message[] = [];
  #busy = false;
  /** As of the last write. */
  #term: number;
  #vote: number;
  /** A commit index that has not been written: the next batch carries it. It may be lost; term and vote may not. */
  #unwritten: HardState | undefined;

  constructor(
    log: WritableLog,
    written: Readonly<HardState>,
    now: () => number,
    done: (responses: readonly Message[], writtenInMs: number | undefined) => void,
    failed: (error: unknown) => void,
  ) {
    this.#log = log;
    this.#term = written.term;
    this.#vote = written.vote;
    this.#now = now;
    this.#done = done;
    this.#failed = failed;
  }

  /** Takes a MsgStorageAppend of the core. */
  add(message: Message): void {
    this.#waiting.push(message);
  }

  get idle(): boolean {
    return !this.#busy && this.#waiting.length === 0;
  }

  /** Starts a write if there is something to write and none under way. */
  pump(): void {
    if (this.#busy || this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    const { entries, hardState = this.#unwritten } = gather(messages);
    const responses = messages.flatMap((m) => m.responses);
    if (entries.length === 0 && this.#onlyCommits(hardState)) {
      // Nothing is under way, so whatever these answers speak of is on disk.
      this.#unwritten = hardState;
      this.#done(responses, undefined);
      return;
    }
    this.#unwritten = undefined;
    if (hardState !== undefined) {
      this.#term = hardState.term;
      this.#vote = hardState.vote;
    }
    const batch = hardState === undefined ? { entries } : { hardState, entries };
    this.#busy = true;
    const began = this.#now();
    this.#log.append(batch).then(
      () => {
        this.#busy = false;
        this.#done(responses, this.#now() - began);
        this.pump();
      },
      (error: unknown) => this.#failed(error),
    );
  }

  #onlyCommits(hardState: HardState | undefined): boolean {
    return hardState === undefined || (hardState.term === this.#term && hardState.vote === this.#vote);
  }
}

/** Several storage messages as one batch: the newest hard state, and the entries with overwritten tails cut off. */
export function gather(messages: readonly Message[]): { hardState?: HardState; entries: Entry[] } {
  const entries: Entry[] = [];
  let hardState: HardState | undefined;
  for (const m of messages) {
    // All three are 0 when the hard state has not changed (as in the core's contract).
    if (m.term !== 0 || m.vote !== 0 || m.commit !== 0) {
      hardState = { term: m.term, vote: m.vote, commit: m.commit };
    }
    const first = m.entries[0];
    if (first !== undefined && entries.length > 0 && first.index <= entries.at(-1)!.index) {
      const keep = Math.max(0, first.index - entries[0]!.index);
      entries.length = keep;
    }
    for (const entry of m.entries) entries.push(entry);
  }
  return hardState === undefined ? { entries } : { hardState, entries };
}
