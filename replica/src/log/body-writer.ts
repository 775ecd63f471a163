import assert from 'node:assert/strict';

const INITIAL_BYTES = 64 * 1024;
/** A buffer that one large batch has grown is given back when the next, smaller one begins. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

/** A growing buffer, used again for each batch, into which a batch is written from left to right. */
export class BodyWriter {
  #bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  /** Invariant: 0 <= position <= bytes.length. */
  #position = 0;

  get position(): number {
    return this.#position;
  }

  /** The buffer itself: valid until the next call that writes. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Starts anew, leaving `headroom` bytes of unspecified content in front. */
  begin(headroom: number): void {
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    this.#reserve(headroom);
    this.#position = headroom;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#position++] = value;
  }

  /** A number of 0 to 2^53 - 1, seven bits a byte, the lowest first. */
  integer(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, 'the log stores whole numbers from 0 to 2^53 - 1');
    this.#reserve(8);
    const bytes = this.#bytes;
    let at = this.#position;
    let rest = value;
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 0x80;
    for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
    bytes[at++] = rest;
    this.#position = at;
  }

  /** The length, then the bytes. */
  blob(value: Uint8Array): void {
    this.integer(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#position);
    this.#position += value.length;
  }

  zeros(count: number): void {
    this.#reserve(count);
    this.#bytes.fill(0, this.#position, this.#position + count);
    this.#position += count;
  }

  #reserve(count: number): void {
    const needed = this.#position + count;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#position);
    this.#bytes = grown;
  }
}
