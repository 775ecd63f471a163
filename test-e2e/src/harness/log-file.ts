import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SECTOR_BYTES = 512;
const HEADER_BYTES = 64;
const BATCH_MAGIC = Buffer.from('AEGB');
const LENGTH_AT = 36;

export interface Batch {
  readonly offset: number;
  /** The first byte after it, at the next whole sector. */
  readonly end: number;
}

/** The newest segment in use of a stopped replica's log, to be damaged. */
export class LogFile {
  readonly path: string;
  readonly batches: readonly Batch[];
  readonly #bytes: Buffer;

  private constructor(path: string, bytes: Buffer, batches: readonly Batch[]) {
    this.path = path;
    this.#bytes = bytes;
    this.batches = batches;
  }

  static newestOf(dataPath: string): LogFile {
    const folder = join(dataPath, 'log');
    for (const name of readdirSync(folder).sort().toReversed()) {
      if (!name.endsWith('.segment')) continue;
      const path = join(folder, name);
      const bytes = readFileSync(path);
      const batches = findBatches(bytes);
      if (batches.length > 0) return new LogFile(path, bytes, batches);
    }
    throw new Error(`no batch in ${folder}`);
  }

  /** Turns one bit of a batch's body, as a disk does that rots. */
  rot(batch: Batch): void {
    this.#bytes[batch.offset + HEADER_BYTES]! ^= 1;
    writeFileSync(this.path, this.#bytes);
  }

  /** Leaves some of a batch after the last one, as a write does that a power cut ended: its header never came. */
  tear(bytes: number): { readonly offset: number } {
    const { end } = this.batches.at(-1)!;
    this.#bytes.fill(0xab, end + SECTOR_BYTES, end + SECTOR_BYTES + bytes);
    writeFileSync(this.path, this.#bytes);
    return { offset: end };
  }
}

function findBatches(bytes: Buffer): Batch[] {
  const batches: Batch[] = [];
  for (let offset = SECTOR_BYTES; offset + HEADER_BYTES <= bytes.length;) {
    if (!bytes.subarray(offset, offset + 4).equals(BATCH_MAGIC)) break;
    const length = HEADER_BYTES + bytes.readUInt32LE(offset + LENGTH_AT);
    const end = offset + Math.ceil(length / SECTOR_BYTES) * SECTOR_BYTES;
    batches.push({ offset, end });
    offset = end;
  }
  return batches;
}
