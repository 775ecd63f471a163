import type { Entry } from '../raft/types.js';
import type { EntryPlace } from './entry-index.js';
import { LogError } from './errors.js';
import type { Segment } from './segment.js';
import { readBatchAt, type SegmentIdentity } from './segment-walk.js';

/** Reads old entries back from disk, a batch at a time, checksums verified. Keeps the last batch, as readers go forward. */
export class ColdReader {
  #segmentId = 0;
  #offset = 0;
  #entries: readonly Entry[] = [];

  /** The entries of the batch at `place` as it left them: those that it replaced itself are gone. */
  read(place: Readonly<EntryPlace>, segment: Segment, identity: SegmentIdentity): readonly Entry[] {
    if (this.#segmentId === place.segmentId && this.#offset === place.offset) return this.#entries;
    const bytes = Buffer.allocUnsafeSlow(place.bytes);
    const read = segment.file.readSync(bytes, place.offset);
    const batch = readBatchAt(bytes.subarray(0, read), 0, place.offset, identity);
    if (!batch) {
      const seen = 'a batch that was valid when it was written is not any more';
      throw new LogError('DAMAGED', { file: identity.file, offset: place.offset, seen });
    }
    const entries: Entry[] = [];
    for (const record of batch.records) {
      if (record.kind !== 'entries') continue;
      const first = record.entries[0]!.index;
      while (entries.length > 0 && entries.at(-1)!.index >= first) entries.pop();
      for (const entry of record.entries) entries.push(entry);
    }
    this.#segmentId = place.segmentId;
    this.#offset = place.offset;
    this.#entries = entries;
    return entries;
  }
}
