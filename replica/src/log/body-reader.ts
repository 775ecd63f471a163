/** Thrown for bytes that no writer wrote. The caller, who knows the place, makes a LogError of it. */
export class MalformedBody extends Error {
  override readonly name = 'MalformedBody';
}

/** Reads what a BodyWriter wrote. Never reads past the end, never returns a number beyond 2^53 - 1. */
export class BodyReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  /** Invariant: start <= position <= end <= bytes.length. */
  #position: number;

  constructor(bytes: Buffer, start: number, end: number) {
    if (start < 0 || start > end || end > bytes.length)
      throw new MalformedBody('the body ends outside its buffer');
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  get atEnd(): boolean {
    return this.#position === this.#end;
  }

  /** Bytes not read yet: the bound of every count that a body claims. */
  get remaining(): number {
    return this.#end - this.#position;
  }

  byte(): number {
    if (this.#position >= this.#end) throw new MalformedBody('the body ends within a record');
    return this.#bytes[this.#position++]!;
  }

  integer(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 8; count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) throw new MalformedBody('a number is too large');
        return value;
      }
      scale *= 128;
    }
    throw new MalformedBody('a number is too long');
  }

  /** A count of things of which each takes a byte or more. */
  count(): number {
    const count = this.integer();
    if (count > this.remaining) throw new MalformedBody('a count is larger than the body');
    return count;
  }

  /** A view into the body, not a copy. */
  blob(): Buffer {
    const length = this.count();
    const start = this.#position;
    this.#position += length;
    return this.#bytes.subarray(start, this.#position);
  }
}
