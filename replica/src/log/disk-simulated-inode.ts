import { SECTOR_BYTES } from './sector.js';

/** One file of the simulated disk: the same bytes twice, as the page cache shows them and as the surface has them. */
export class SimulatedInode {
  #cache: Extent;
  readonly #surface: Extent;
  /** Sectors that the cache would still write: neither synced, nor given up by a failed sync. */
  readonly #dirty = new Set<number>();

  constructor(content: Uint8Array) {
    this.#cache = new Extent(content);
    this.#surface = new Extent(content);
  }

  /** What reads see. Valid until the next write. */
  get content(): Buffer {
    return this.#cache.content;
  }

  get length(): number {
    return this.#cache.length;
  }

  write(bytes: Uint8Array, offset: number): void {
    this.#cache.write(bytes, offset);
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
    this.#cache = new Extent(this.#surface.content);
  }

  rot(offset: number, mask: number): void {
    for (const { content } of [this.#cache, this.#surface])
      if (offset < content.length) content[offset]! ^= mask;
  }

  read(into: Uint8Array, offset: number): number {
    const bytes = this.content.subarray(offset, offset + into.length);
    into.set(bytes);
    return bytes.length;
  }

  #settle(sector: number, survives: boolean): void {
    this.#dirty.delete(sector);
    if (!survives) return;
    const start = sector * SECTOR_BYTES;
    this.#surface.write(this.content.subarray(start, start + SECTOR_BYTES), start);
  }
}

/** Bytes that grow at their end; what was never written between two writes is zero. */
class Extent {
  /** With room: a file is filled piece by piece, and a copy of the whole for each would be most of the work. */
  #room: Buffer;
  length: number;

  constructor(content: Uint8Array) {
    this.#room = Buffer.from(content);
    this.length = content.length;
  }

  get content(): Buffer {
    return this.#room.subarray(0, this.length);
  }

  write(bytes: Uint8Array, offset: number): void {
    const end = offset + bytes.length;
    if (end > this.#room.length) {
      const larger = Buffer.alloc(Math.max(end, 2 * this.#room.length));
      larger.set(this.content);
      this.#room = larger;
    }
    this.#room.set(bytes, offset);
    this.length = Math.max(this.length, end);
  }
}

function sectorOf(offset: number): number {
  return Math.floor(offset / SECTOR_BYTES);
}
