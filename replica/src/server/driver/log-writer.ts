import { isNoSpace, type LogBatch } from '../../log/index.js';
import type { HardState, Message, Snapshot } from '../../raft/index.js';
import { folderOf } from '../snapshot/state-folders.js';
import { gather } from './gathered-writes.js';
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

/** A write under way: batches of the log, one after the other. */
interface Write {
  readonly batches: readonly LogBatch[];
  /** How many of them are durable. */
  written: number;
  /** Who waits for the commit index in it. */
  readonly settled: readonly (() => void)[];
  readonly responses: readonly Message[];
  readonly snapshot: Snapshot | undefined;
  readonly began: number;
}

/**
 * Feeds the log one batch at a time. Whatever the core asks for while the disk is busy goes into the next
 * batch together: one write, one sync, or a few if it is too much for one. Its answers leave only after the last sync.
 *
 * A full disk is not a failed sync: nothing of that batch was written, so it waits, and everything behind it, for `retry`.
 */
export class LogWriter {
  readonly #log: WritableLog;
  readonly #done: (written: Written) => void;
  readonly #failed: (error: unknown) => void;
  readonly #now: () => number;
  #waiting: Message[] = [];
  #write: Write | undefined;
  #stalled = false;
  /** When the part of it that is under way began. */
  #partBegan = 0;
  /** As of the last write. */
  #term: number;
  #vote: number;
  /** A commit index that has not been written: the next batch carries it. It may be lost; term and vote may not. */
  #unwritten: HardState | undefined;
  /** For them it is a reason to write. */
  #settling: (() => void)[] = [];

  /** `commit` is what is known to be committed; the log may know less. */
  constructor(
    log: WritableLog,
    written: Readonly<HardState>,
    now: () => number,
    done: (written: Written) => void,
    failed: (error: unknown) => void,
    commit = written.commit,
  ) {
    this.#log = log;
    this.#term = written.term;
    this.#vote = written.vote;
    if (commit > written.commit) this.#unwritten = { ...written, commit };
    this.#now = now;
    this.#done = done;
    this.#failed = failed;
  }

  /** Monotonic ms at which what is being written began, a part at a time; undefined: nothing is. */
  get writingSince(): number | undefined {
    return this.#write === undefined ? undefined : this.#partBegan;
  }

  /** Whether a write waits for room. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /** Takes a MsgStorageAppend of the core. */
  add(message: Message): void {
    this.#waiting.push(message);
  }

  /** Runs `done` once the newest commit index is on disk, with the next write that `pump` starts. */
  settleCommit(done: () => void): void {
    this.#settling.push(done);
  }

  /** Starts a write if there is something to write and none under way. */
  pump(): void {
    if (this.#write !== undefined || (this.#waiting.length === 0 && this.#settling.length === 0)) return;
    const messages = this.#waiting;
    const settled = this.#settling;
    this.#waiting = [];
    this.#settling = [];
    const { entries, snapshot, hardState = this.#unwritten } = gather(messages);
    const responses = messages.flatMap((m) => m.responses);
    const isDue = settled.length > 0 && hardState !== undefined;
    if (entries.length === 0 && snapshot === undefined && this.#onlyCommits(hardState) && !isDue) {
      // Nothing is under way, so whatever these answers speak of is on disk.
      this.#unwritten = hardState;
      this.#done({ responses, elapsedMs: undefined, snapshot });
      for (const tell of settled) tell();
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
    const batches = inParts(batch, this.#log.batchBytesMax);
    this.#partBegan = this.#now();
    this.#write = { batches, written: 0, settled, responses, snapshot, began: this.#partBegan };
    this.#append(this.#write);
  }

  /** Tries again what found no room. Called now and then while `stalled`. */
  retry(): void {
    if (!this.#stalled) return;
    this.#stalled = false;
    this.#append(this.#write!);
  }

  #append(write: Write): void {
    this.#log.append(write.batches[write.written]!).then(
      () => {
        write.written++;
        if (write.written < write.batches.length) {
          this.#partBegan = this.#now();
          this.#append(write);
          return;
        }
        const { responses, snapshot, began, settled } = write;
        this.#write = undefined;
        this.#done({ responses, elapsedMs: this.#now() - began, snapshot });
        for (const tell of settled) tell();
        this.pump();
      },
      (error: unknown) => {
        if (isNoSpace(error)) this.#stalled = true;
        else this.#failed(error);
      },
    );
  }

  #onlyCommits(hardState: HardState | undefined): boolean {
    return hardState === undefined || (hardState.term === this.#term && hardState.vote === this.#vote);
  }
}
