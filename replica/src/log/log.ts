import assert from 'node:assert/strict';
import type { Entry, HardState } from '../raft/types.js';
import { assertFollows, recordsOf, type LogBatch } from './batch.js';
import { isNoSpace, LogError } from './errors.js';
import { LogReader } from './log-reader.js';
import { withDefaults, type LogOptions } from './log-options.js';
import { LogWriter } from './log-writer.js';
import type { OpenReport } from './open-report.js';
import { prepareLog, type OpenedLog } from './opening.js';
import type { ConfStateMarker, LogPosition, LogRecord } from './record.js';
import type { Segment } from './segment.js';

/**
 * The durable log of one replica: entries, hard state, and which snapshot and state folder they follow. What an
 * `append` acknowledged is there after any crash. Reads show only what is durable.
 */
export class Log {
  readonly #opened: OpenedLog;
  readonly #options: Required<LogOptions>;
  readonly #writer: LogWriter;
  readonly #reader: LogReader;
  /** Oldest first. Invariant: consecutive ids; the last one is the writer's. */
  readonly #segments: Segment[];
  #appending = false;
  #compacting = false;
  /** The end of the write under way: an append and a compaction wait for each other. Never rejects. */
  #lastWrite: Promise<void> = Promise.resolve();

  /** Opens the log in the disk's folder, or makes one. Refuses with a LogError what it cannot prove whole. */
  static async open(options: LogOptions): Promise<{ log: Log; report: OpenReport }> {
    const complete = withDefaults(options);
    const opened = await prepareLog(complete);
    const log = new Log(complete, opened);
    await log.#dropSegments();
    void opened.stock.replenish();
    return { log, report: opened.report };
  }

  private constructor(options: Required<LogOptions>, opened: OpenedLog) {
    const { salt, contents, tail, stock } = opened;
    this.#options = options;
    this.#opened = opened;
    this.#segments = [...opened.segments];
    this.#reader = new LogReader(contents, options.entrySize, (segmentId) => this.#locate(segmentId));
    const onSegment = (segment: Segment): void => void this.#segments.push(segment);
    this.#writer = new LogWriter({ salt, tail, contents, stock, onSegment });
  }

  /** As of the last durable batch. */
  get hardState(): Readonly<HardState> {
    return this.#opened.contents.hardState;
  }

  /** The latest membership that the log was given, by `confState` or `snapshot`. */
  get confState(): ConfStateMarker | undefined {
    return this.#opened.contents.confState;
  }

  get stateFolder(): string | undefined {
    return this.#opened.contents.stateFolder;
  }

  /** The last entry before the log's first. */
  get truncation(): LogPosition {
    return this.#opened.contents.truncation;
  }

  /** True while the next segment or the reserve cannot be made: the driver then refuses what makes data grow. */
  get noSpace(): boolean {
    return this.#opened.stock.noSpace;
  }

  /** Bytes of entries for which a batch certainly has room: the rest of a segment is for what it says of itself. */
  get batchBytesMax(): number {
    return this.#opened.stock.segmentBytes / 2;
  }

  /** Why the log writes nothing more, if it does not. */
  get failure(): LogError | undefined {
    return this.#opened.health.failure;
  }

  /**
   * Resolves when the batch is on disk. One at a time. Rejects with NO_SPACE or BATCH_TOO_LARGE, of which nothing was
   * written and the log goes on; any other rejection is final, and the process must end.
   */
  async append(batch: LogBatch): Promise<void> {
    assert(!this.#appending, 'one append at a time');
    this.#appending = true;
    try {
      await this.#write(() => {
        assertFollows(batch, this.#opened.contents);
        return recordsOf(batch);
      });
    } finally {
      this.#appending = false;
    }
  }

  /**
   * Forgets the entries up to `toIndex`, which the caller has applied durably, and deletes the segments that hold no
   * later one. Resolves when that is done; appends go on meanwhile. One at a time.
   */
  async compact(toIndex: number): Promise<void> {
    assert(!this.#compacting, 'one compaction at a time');
    assert(toIndex <= this.lastIndex(), 'a compaction stays within the log');
    if (toIndex <= this.truncation.index) return;
    this.#compacting = true;
    try {
      // A snapshot that was written meanwhile has truncated more.
      await this.#write(() =>
        toIndex <= this.truncation.index
          ? []
          : [{ kind: 'truncation', index: toIndex, term: this.term(toIndex) }],
      );
      await this.#dropSegments();
      void this.#opened.stock.replenish();
    } finally {
      this.#compacting = false;
    }
  }

  /** Tries again to make the next segment and the reserve: for the driver's timer while `noSpace` is true. */
  async regainSpace(): Promise<boolean> {
    this.#opened.health.assertWritable();
    await this.#opened.stock.replenish();
    return !this.noSpace;
  }

  /** The term of an entry, or of the last one before the first. Throws RaftError COMPACTED or UNAVAILABLE. */
  term(index: number): number {
    return this.#reader.term(index);
  }

  /** Entries lo..hi-1 within `maxBytes`, at least one. Throws RaftError COMPACTED or UNAVAILABLE, LogError DAMAGED. */
  entries(lo: number, hi: number, maxBytes: number): Entry[] {
    return this.#reader.entries(lo, hi, maxBytes);
  }

  firstIndex(): number {
    return this.truncation.index + 1;
  }

  lastIndex(): number {
    return this.#opened.contents.index.last;
  }

  /** Waits for the write under way. Nothing is lost by not closing. */
  async close(): Promise<void> {
    this.#opened.health.close();
    await this.#lastWrite;
    await this.#opened.stock.stop();
    for (const segment of this.#segments.splice(0)) await segment.file.close();
  }

  /** Runs after the writes before it; `make` sees the log as they left it. */
  #write(make: () => LogRecord[]): Promise<void> {
    const write = this.#lastWrite.then(() => this.#writeNow(make()));
    this.#lastWrite = write.catch(() => {});
    return write;
  }

  async #writeNow(records: readonly LogRecord[]): Promise<void> {
    const { health } = this.#opened;
    health.assertWritable();
    if (records.length === 0) return;
    try {
      await this.#writer.write(records);
    } catch (error) {
      if (isNoSpace(error) || (error instanceof LogError && error.code === 'BATCH_TOO_LARGE')) throw error;
      throw health.fail(error);
    }
  }

  /** Deletes, oldest first, the segments without a live entry; each deletion is durable before the next begins. */
  async #dropSegments(): Promise<void> {
    const { disk } = this.#options;
    const { contents, health } = this.#opened;
    try {
      for (;;) {
        const oldest = this.#segments[0];
        // Closed meanwhile: the next start goes on.
        if (!oldest) return;
        // The segment of the newest batch stays: it alone has the hard state.
        if (oldest.id >= this.#writer.newestSegmentId) return;
        if (oldest.id >= (contents.index.oldestSegmentId ?? Infinity)) return;
        this.#segments.shift();
        await oldest.file.close();
        await disk.remove(oldest.name);
        await disk.syncDirectory();
      }
    } catch (error) {
      throw health.fail(error);
    }
  }

  #locate(segmentId: number): { readonly segment: Segment; readonly salt: bigint; readonly file: string } {
    const segment = this.#segments.find(({ id }) => id === segmentId);
    assert(segment, 'a segment that holds a live entry is open');
    return { segment, salt: this.#opened.salt, file: `${this.#options.disk.path}/${segment.name}` };
  }
}
