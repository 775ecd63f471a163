import type { SimulatedDisk } from './disk-simulated.js';
import { readHeader } from './header.js';
import { segmentIdOf } from './segment-name.js';
import { walkBatches, type FoundBatch } from './segment-walk.js';

interface Draw {
  below(n: number): number;
  chance(probability: number): boolean;
}

interface Place extends FoundBatch {
  readonly file: string;
}

/**
 * Spoils a batch of the log on a simulated disk that a later batch proves to have been durable: flips a bit of it, or puts
 * another batch in its place. Says what it did; undefined: there is none.
 */
export function damageProvenBatch(disk: SimulatedDisk, random: Draw): string | undefined {
  const places = batchesOn(disk);
  // The last one is what nothing proves.
  const proven = places.slice(0, -1);
  if (proven.length === 0) return undefined;
  const victim = proven[random.below(proven.length)]!;
  const others = proven.filter((place) => place !== victim && place.bytes === victim.bytes);
  if (others.length > 0 && random.chance(0.5)) {
    const other = others[random.below(others.length)]!;
    const content = disk.content(victim.file);
    disk.content(other.file).copy(content, victim.offset, other.offset, other.offset + other.bytes);
    disk.plant(victim.file, content);
    return `batch ${other.number} took the place of batch ${victim.number}`;
  }
  // Within the header, of which every bit counts.
  disk.rot(victim.file, victim.offset + random.below(HEADER_COUNTS_BYTES), 1 << random.below(8));
  return `batch ${victim.number} rots`;
}

/** Of a header, those bytes that are never padding. */
const HEADER_COUNTS_BYTES = 48;

/** All batches of the log, as a start would find them, in order. */
function batchesOn(disk: SimulatedDisk): Place[] {
  const places: Place[] = [];
  const files = disk
    .names()
    .flatMap((file) => {
      const id = segmentIdOf(file);
      return id === undefined ? [] : [{ file, id }];
    })
    .sort((a, b) => a.id - b.id);
  for (const { file, id } of files) {
    const content = disk.content(file);
    const header = readHeader(content, 0);
    if (header === undefined) continue;
    for (const batch of walkBatches(content, { salt: header.salt, segmentId: id, file }))
      places.push({ ...batch, file });
  }
  return places;
}
