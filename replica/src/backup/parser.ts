import { createHash } from 'node:crypto';

import { BackupEnd, BackupHeader } from '@aegis/proto/v1/backup';

import { crc32c } from '../log/crc32c.js';
import { BackupError } from './errors.js';
import {
  digestOf,
  FORMAT_VERSION,
  FRAME,
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  MAGIC,
  PREFIX_BYTES,
} from './format.js';
import { Gathered } from './gathered.js';

/** What a whole backup is. */
export interface BackupSummary {
  readonly header: BackupHeader;
  readonly chunks: number;
  /** SHA-256 over all rows: the content hash of the state at the header's index. */
  readonly contentHash: Buffer;
  /** Hex; names the backup. */
  readonly digest: string;
  readonly bytes: number;
}

export interface BackupChunk {
  readonly number: number;
  readonly rows: Buffer;
  /** CRC-32C of the rows, proved. */
  readonly checksum: number;
}

/**
 * Reads a backup as its bytes come and proves every one of them: what `push` returns is what was written. Whether that
 * is all is known after `finish`. Both throw BackupError.
 */
export class BackupParser {
  readonly #gathered = new Gathered();
  readonly #digest = createHash('sha256');
  #prefixSeen = false;
  #headerPayload: Buffer | undefined;
  #header: BackupHeader | undefined;
  #head: FrameHead | undefined;
  #chunks = 0;
  #summary: BackupSummary | undefined;

  /** Known after the first bytes. */
  get header(): BackupHeader | undefined {
    return this.#header;
  }

  /** The bytes of whole frames so far, with what is gathered of the next one. */
  get bytes(): number {
    return this.#gathered.taken + this.#gathered.length;
  }

  /** The chunks of rows that these bytes complete. */
  push(bytes: Uint8Array): BackupChunk[] {
    this.#gathered.add(bytes);
    if (!this.#prefixSeen && !this.#takePrefix()) return [];
    const chunks: BackupChunk[] = [];
    for (;;) {
      const taken = this.#takeFrame();
      if (taken === undefined) return chunks;
      if (taken !== 'other') chunks.push(taken);
    }
  }

  /** There are no more bytes. */
  finish(): BackupSummary {
    const { bytes } = this;
    if (bytes === 0) throw new BackupError('NOT_A_BACKUP', 'it is empty');
    if (!this.#prefixSeen) this.#refuseStranger(this.#gathered.peek(Math.min(bytes, MAGIC.length)));
    if (this.#summary === undefined) {
      throw new BackupError(
        'CUT',
        `it is cut off after ${bytes} bytes, within ${this.#header === undefined ? 'its beginning' : `chunk ${this.#chunks}`}`,
      );
    }
    return this.#summary;
  }

  #takePrefix(): boolean {
    if (this.#gathered.length < PREFIX_BYTES) return false;
    const prefix = this.#gathered.take(PREFIX_BYTES);
    this.#refuseStranger(prefix.subarray(0, MAGIC.length));
    if (crc32c(prefix, 0, 12) !== prefix.readUInt32BE(12)) throw damaged('its first 16 bytes are');
    const version = prefix.readUInt32BE(8);
    if (version > FORMAT_VERSION) {
      throw new BackupError(
        'NEWER_FORMAT',
        `it has format ${version}, and this version of AEGIS reads up to ${FORMAT_VERSION}`,
      );
    }
    this.#prefixSeen = true;
    return true;
  }

  #refuseStranger(start: Buffer): void {
    if (start.equals(MAGIC.subarray(0, start.length))) return;
    throw new BackupError(
      'NOT_A_BACKUP',
      `it is no backup of AEGIS, or its very beginning is damaged: it does not begin with ${MAGIC.toString('latin1')}`,
    );
  }

  #takeFrame(): BackupChunk | 'other' | undefined {
    if (this.#summary !== undefined) {
      if (this.#gathered.length === 0) return undefined;
      throw damaged(`bytes follow its end at ${this.#gathered.taken}, so it is`);
    }
    this.#head ??= this.#takeHead();
    if (this.#head === undefined || this.#gathered.length < this.#head.length) return undefined;
    const { type, length, checksum, at } = this.#head;
    this.#head = undefined;
    const payload = this.#gathered.take(length);
    if (crc32c(payload) !== checksum) {
      throw damaged(`the ${length} bytes from ${at + FRAME_HEAD_BYTES} on are`);
    }
    if ((type === FRAME.header) !== (this.#header === undefined)) {
      throw damaged(`the order of its frames is wrong at byte ${at}: it is`);
    }
    switch (type) {
      case FRAME.header:
        this.#headerPayload = payload;
        this.#header = readable(at, () => BackupHeader.decode(payload));
        return 'other';
      case FRAME.rows:
        this.#digest.update(payload);
        return { number: this.#chunks++, rows: payload, checksum };
      case FRAME.end:
        this.#summary = this.#end(
          readable(at, () => BackupEnd.decode(payload)),
          at,
        );
        return 'other';
      default:
        throw damaged(`a frame of unknown type ${type} is at byte ${at}: it is`);
    }
  }

  #takeHead(): FrameHead | undefined {
    if (this.#gathered.length < FRAME_HEAD_BYTES) return undefined;
    const at = this.#gathered.taken;
    const head = this.#gathered.take(FRAME_HEAD_BYTES);
    const length = head.readUInt32BE(1);
    if (crc32c(head, 0, 9) !== head.readUInt32BE(9) || length > FRAME_BYTES_MAX) {
      throw damaged(`the frame head at byte ${at} is`);
    }
    return { type: head[0]!, length, checksum: head.readUInt32BE(5), at };
  }

  #end({ chunks, contentHash, digest }: BackupEnd, at: number): BackupSummary {
    const said = `its end, at byte ${at},`;
    if (chunks !== this.#chunks)
      throw damaged(`it has ${this.#chunks} chunks, and ${said} says ${chunks}: it is`);
    if (!this.#digest.digest().equals(contentHash))
      throw damaged(`its rows have not the content hash that ${said} says: it is`);
    if (!digestOf(this.#headerPayload!, contentHash).equals(digest))
      throw damaged(`it has not the digest that ${said} says: it is`);
    return {
      header: this.#header!,
      chunks,
      contentHash,
      digest: digest.toString('hex'),
      bytes: this.#gathered.taken,
    };
  }
}

interface FrameHead {
  readonly type: number;
  readonly length: number;
  readonly checksum: number;
  /** Where it begins. */
  readonly at: number;
}

function damaged(what: string): BackupError {
  return new BackupError('DAMAGED', `${what} damaged`);
}

function readable<T>(at: number, read: () => T): T {
  try {
    return read();
  } catch {
    throw damaged(`the frame at byte ${at} is`);
  }
}
