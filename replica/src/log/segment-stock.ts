import assert from 'node:assert/strict';
import type { Disk, DiskFile } from './disk.js';
import { isNoSpace, LogError } from './errors.js';
import { SECTOR_BYTES } from './sector.js';
import { RESERVE_NAME, segmentName, temporaryName } from './segment-name.js';
import { segmentHeader, type Segment } from './segment.js';

/** Small enough that filling the next segment with zeros hardly delays a commit that shares the disk. */
const FILL_BYTES = 256 * 1024;
const ZEROS = Buffer.alloc(FILL_BYTES);

export interface StockOptions {
  readonly disk: Disk;
  readonly salt: bigint;
  readonly segmentBytes: number;
  /** The id of the segment to be taken next. */
  readonly nextId: number;
  /** What an earlier run had ready. */
  readonly spare: Segment | undefined;
  readonly hasReserve: boolean;
  /** Told of anything but a full disk that goes wrong in the background. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Makes segments ahead of need: one spare, full of zeros, under its final name; and one reserve, for when no spare can be
 * made. (Zeros are written, since node has no fallocate and a hole would be allocated in the middle of a commit.)
 */
export class SegmentStock {
  readonly #options: StockOptions;
  /** Invariant: the id of `spare`, or of the segment that becomes the spare. */
  #nextId: number;
  #spare: Segment | undefined;
  #hasReserve: boolean;
  #filling: Promise<void> | undefined;
  #noSpace = false;
  #stopped = false;
  /** Why it stopped by itself. */
  #failure: unknown;

  constructor(options: StockOptions) {
    this.#options = options;
    this.#nextId = options.nextId;
    this.#spare = options.spare;
    this.#hasReserve = options.hasReserve;
  }

  get segmentBytes(): number {
    return this.#options.segmentBytes;
  }

  /** True from the first failure to make a segment until there are a spare and a reserve again. */
  get noSpace(): boolean {
    return this.#noSpace;
  }

  /**
   * The next segment, durable under its name. Throws NO_SPACE, after which it may be tried again. It stays the spare
   * until `advance`: no segment after it is made, so that a second one ahead proves the first to be in use.
   */
  async next(): Promise<Segment> {
    if (!this.#spare) await this.replenish();
    while (!this.#spare && this.#filling) await this.#filling;
    if (!this.#spare && this.#hasReserve) await this.#alone(() => this.#promoteReserve());
    if (!this.#spare) throw this.#failure ?? new LogError('NO_SPACE', { file: this.#options.disk.path });
    return this.#spare;
  }

  /** The segment of `next` is in use, durably: the one after it may be made. */
  advance(): void {
    assert(this.#spare, 'a segment comes into use once');
    this.#spare = undefined;
    this.#nextId++;
    void this.replenish();
  }

  /** Makes what is missing, unless it is being made. Resolves, never rejects, when that ended. */
  replenish(): Promise<void> {
    return this.#filling ?? this.#alone(() => this.#fill());
  }

  /** Stops after the piece being written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#filling;
    const spare = this.#spare;
    this.#spare = undefined;
    await spare?.file.close();
  }

  /** Making and promoting use the same names, so only one of them is ever under way. */
  #alone(work: () => Promise<void>): Promise<void> {
    this.#filling = work().then(
      () => {
        this.#filling = undefined;
        // What came into use while it ended.
        if (this.#isWanting) void this.replenish();
      },
      (error: unknown) => {
        this.#filling = undefined;
        this.#noteFailure(error);
      },
    );
    return this.#filling;
  }

  get #isWanting(): boolean {
    return !this.#stopped && !(this.#spare && this.#hasReserve);
  }

  async #fill(): Promise<void> {
    while (this.#isWanting) {
      if (this.#spare) this.#hasReserve = await this.#makeReserve();
      else this.#spare = await this.#makeSpare(this.#nextId);
    }
    if (!this.#stopped) this.#noSpace = false;
  }

  #noteFailure(error: unknown): void {
    if (isNoSpace(error)) {
      this.#noSpace = true;
      return;
    }
    this.#failure = error;
    this.#stopped = true;
    this.#options.onFailure(error);
  }

  async #makeReserve(): Promise<boolean> {
    const file = await this.#make(RESERVE_NAME, Buffer.alloc(SECTOR_BYTES));
    await file?.close();
    return file !== undefined;
  }

  async #makeSpare(id: number): Promise<Segment | undefined> {
    const { salt, segmentBytes } = this.#options;
    const name = segmentName(id);
    const file = await this.#make(name, segmentHeader(salt, id, segmentBytes));
    return file && { id, name, file, bytes: segmentBytes };
  }

  /** Undefined if told to stop. A file bears its name only when all of it is durable. */
  async #make(name: string, firstSector: Buffer): Promise<DiskFile | undefined> {
    const { disk } = this.#options;
    const temporary = temporaryName(name);
    try {
      const done = await this.#fillWithZeros(temporary, firstSector);
      if (!done) return undefined;
      await disk.rename(temporary, name);
      await disk.syncDirectory();
      return await disk.open(name);
    } catch (error) {
      // The bytes that it got are needed elsewhere.
      if (isNoSpace(error)) await this.#removeIfThere(temporary);
      throw error;
    }
  }

  async #fillWithZeros(name: string, firstSector: Buffer): Promise<boolean> {
    const { disk, segmentBytes } = this.#options;
    const file = await disk.create(name);
    try {
      for (let offset = 0; offset < segmentBytes; offset += FILL_BYTES) {
        if (this.#stopped) return false;
        await file.writeDurably(ZEROS.subarray(0, Math.min(FILL_BYTES, segmentBytes - offset)), offset);
      }
      await file.writeDurably(firstSector, 0);
      return true;
    } finally {
      await file.close();
    }
  }

  async #removeIfThere(name: string): Promise<void> {
    await this.#options.disk.remove(name).catch((error: unknown) => {
      if (!(error instanceof LogError && error.code === 'NOT_FOUND')) throw error;
    });
  }

  async #promoteReserve(): Promise<void> {
    const { disk, salt, segmentBytes } = this.#options;
    const id = this.#nextId;
    const name = segmentName(id);
    const reserve = await disk.open(RESERVE_NAME);
    await reserve.writeDurably(segmentHeader(salt, id, segmentBytes), 0);
    await reserve.close();
    await disk.rename(RESERVE_NAME, name);
    this.#hasReserve = false;
    await disk.syncDirectory();
    const file = await disk.open(name);
    this.#spare = { id, name, file, bytes: segmentBytes };
  }
}
