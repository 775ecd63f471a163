import { SECTOR_BYTES } from './sector.js';

/** One file of the simulated disk: the same bytes twice, as the page cache shows them and as the surface has them. */
export class SimulatedInode {
  cache: Buffer;
  #surface: Buffer;
  /** Sectors that the cache would still write: neither synced, nor given up by a failed sync. */
  readonly #dirty = new Set<number>();

  constructor(content: Buffer) {
    this.cache = content;
    this.#surface = Buffer.from(content);
  }

  write(bytes: Uint8Array, offset: number): void {
    this.cache = grown(this.cache, offset + bytes.length);
    this.cache.set(bytes, offset);
    for (let sector = sectorOf(offset); sector * SECTOR_BYTES < offset + bytes.length; sector++) {
      this.#dirty.add(sector);
    }
  }

  sync(offset: number, length: number): void {
    for (const sector of this.#dirty) {
      const start = sector * SECTOR_BYTES;
      if (start + SECTOR_BYTES > offset && start < offset + length) this.#settle(sector, true);
    }
  }

  /** A sync that fails: any sectors reached the surface, and the cache takes all of them for written. */
  loseSync(random: () => number): void {
    for (const sector of this.#dirty) this.#settle(sector, random() < 0.5);
  }

  crash(random: () => number): void {
    this.loseSync(random);
    this.cache = Buffer.from(this.#surface);
  }

  rot(offset: number, mask: number): void {
    for (const bytes of [this.cache, this.#surface]) if (offset < bytes.length) bytes[offset]! ^= mask;
  }

  read(into: Uint8Array, offset: number): number {
    const bytes = this.cache.subarray(offset, offset + into.length);
    into.set(bytes);
    return bytes.length;
  }

  #settle(sector: number, survives: boolean): void {
    this.#dirty.delete(sector);
    if (!survives) return;
    const start = sector * SECTOR_BYTES;
    const bytes = this.cache.subarray(start, start + SECTOR_BYTES);
    this.#surface = grown(this.#surface, start + bytes.length);
    this.#surface.set(bytes, start);
  }
}

function sectorOf(offset: number): number {
  return Math.floor(offset / SECTOR_BYTES);
}

function grown(bytes: Buffer, length: number): Buffer {
  if (length <= bytes.length) return bytes;
  const larger = Buffer.alloc(length);
  bytes.copy(larger);
  return larger;
}
