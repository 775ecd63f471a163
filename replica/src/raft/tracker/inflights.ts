import { assert } from '../assert.js';

/**
 * Appends sent to one follower and not yet acknowledged, oldest first: a ring of (last index, payload bytes). It bounds
 * how far a leader runs ahead of a slow follower, in messages and softly in bytes: the one that reaches the byte limit
 * still goes.
 */
export class Inflights {
  /** Messages, at most. */
  readonly size: number;
  readonly maxBytes: number;
  // The ring grows on demand up to `size`: a window that is never filled costs nothing.
  private indexes: number[] = [];
  private bytesOf: number[] = [];
  private start = 0;
  private used = 0;
  private bytes = 0;

  constructor(size: number, maxBytes: number) {
    this.size = size;
    this.maxBytes = maxBytes;
  }

  get count(): number {
    return this.used;
  }

  full(): boolean {
    return this.used === this.size || this.bytes >= this.maxBytes;
  }

  /** Notes a message whose last entry is `index`; indexes never fall. Must not be full. */
  add(index: number, bytes: number): void {
    assert(!this.full(), 'an append was sent although the window is full');
    const at = (this.start + this.used) % this.size;
    this.indexes[at] = index;
    this.bytesOf[at] = bytes;
    this.used++;
    this.bytes += bytes;
  }

  /** Everything up to `index` arrived. */
  freeUpTo(index: number): void {
    while (this.used > 0 && this.indexes[this.start]! <= index) {
      this.bytes -= this.bytesOf[this.start]!;
      this.start = (this.start + 1) % this.size;
      this.used--;
    }
    if (this.used === 0) this.start = 0;
  }

  reset(): void {
    this.start = 0;
    this.used = 0;
    this.bytes = 0;
  }

  clone(): Inflights {
    const copy = new Inflights(this.size, this.maxBytes);
    copy.indexes = this.indexes.slice();
    copy.bytesOf = this.bytesOf.slice();
    copy.start = this.start;
    copy.used = this.used;
    copy.bytes = this.bytes;
    return copy;
  }
}
