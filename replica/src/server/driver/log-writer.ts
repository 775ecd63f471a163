import type { LogBatch } from '../../log/index.js';
import type { Entry, HardState, Message, Snapshot } from '../../raft/index.js';
import { folderOf } from '../snapshot/state-folders.js';
import { inParts } from './log-parts.js';

/** The part of the log that the driver writes through. */
export interface WritableLog {
  /** As of the last durable batch. */
  readonly hardState: Readonly<HardState>;
  /** No batch may take more. */
  readonly batchBytesMax: number;
  append(batch: LogBatch): Promise<void>;
}

/** What a write was for. */
export interface Written {
  readonly responses: readonly Message[];
  /** Undefined: there was nothing to write. */
  readonly elapsedMs: number | undefined;
  /** The log begins after it now; the state has to follow before the responses are delivered. */
  readonly snapshot: Snapshot | undefined;
}

/**
 * Feeds the log one batch at a time. Whatever the core asks for while the disk is busy goes into the next
 * batch together: one write, one sync, or a few if it is too much for one. Its answers leave only after the last sync.
 */
export class LogWriter {
  readonly #log: WritableLog;
  readonly #done: (written: Written) => void;
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
    done: (written: Written) => void,
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

  /** Starts a write if there is something to write and none under way. */
  pump(): void {
    if (this.#busy || this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    const { entries, snapshot, hardState = this.#unwritten } = gather(messages);
    const responses = messages.flatMap((m) => m.responses);
    if (entries.length === 0 && snapshot === undefined && this.#onlyCommits(hardState)) {
      // Nothing is under way, so whatever these answers speak of is on disk.
      this.#unwritten = hardState;
      this.#done({ responses, elapsedMs: undefined, snapshot });
      return;
    }
    this.#unwritten = undefined;
    if (hardState !== undefined) {
      this.#term = hardState.term;
      this.#vote = hardState.vote;
    }
    const batch = {
      entries,
      ...(hardState === undefined ? {} : { hardState }),
      ...(snapshot === undefined ? {} : { snapshot: snapshot.metadata, stateFolder: folderOf(snapshot) }),
    };
    this.#busy = true;
    const began = this.#now();
    const parts = inParts(batch, this.#log.batchBytesMax);
    const appended = parts.length === 1 ? this.#log.append(batch) : this.#appendAll(parts);
    appended.then(
      () => {
        this.#busy = false;
        this.#done({ responses, elapsedMs: this.#now() - began, snapshot });
        this.pump();
      },
      (error: unknown) => this.#failed(error),
    );
  }

  async #appendAll(parts: readonly LogBatch[]): Promise<void> {
    for (const part of parts) await this.#log.append(part);
  }

  #onlyCommits(hardState: HardState | undefined): boolean {
    return hardState === undefined || (hardState.term === this.#term && hardState.vote === this.#vote);
  }
}

interface Gathered {
  readonly entries: Entry[];
  readonly hardState: HardState | undefined;
  readonly snapshot: Snapshot | undefined;
}

/**
 * Several storage messages as one batch: the newest hard state, the newest snapshot, and the entries after it, with
 * overwritten tails cut off.
 */
export function gather(messages: readonly Message[]): Gathered {
  const entries: Entry[] = [];
  let hardState: HardState | undefined;
  let snapshot: Snapshot | undefined;
  for (const m of messages) {
    // All three are 0 when the hard state has not changed (as in the core's contract).
    if (m.term !== 0 || m.vote !== 0 || m.commit !== 0) {
      hardState = { term: m.term, vote: m.vote, commit: m.commit };
    }
    if (m.snapshot !== undefined) {
      // It takes the place of everything that was to be written before it.
      snapshot = m.snapshot;
      entries.length = 0;
    }
    const first = m.entries[0];
    if (first !== undefined && entries.length > 0 && first.index <= entries.at(-1)!.index) {
      const keep = Math.max(0, first.index - entries[0]!.index);
      entries.length = keep;
    }
    for (const entry of m.entries) entries.push(entry);
  }
  return { entries, hardState, snapshot };
}
