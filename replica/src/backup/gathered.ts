/** Bytes as they come in, taken out in pieces of another size, with one copy at most. */
export class Gathered {
  #parts: Buffer[] = [];
  #length = 0;
  #taken = 0;

  /** What can be taken. */
  get length(): number {
    return this.#length;
  }

  /** What has been taken so far: where the next piece begins. */
  get taken(): number {
    return this.#taken;
  }

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    this.#length += bytes.length;
  }

  /** The next ones, which stay. There must be so many. */
  peek(count: number): Buffer {
    return this.#join(count).subarray(0, count);
  }

  /** There must be so many. */
  take(count: number): Buffer {
    if (count === 0) return Buffer.alloc(0);
    const first = this.#join(count);
    if (first.length === count) this.#parts.shift();
    else this.#parts[0] = first.subarray(count);
    this.#length -= count;
    this.#taken += count;
    return first.subarray(0, count);
  }

  /** Has the first part hold at least so many. */
  #join(count: number): Buffer {
    const first = this.#parts[0] ?? Buffer.alloc(0);
    if (first.length >= count) return first;
    const joined = Buffer.concat(this.#parts, this.#length);
    this.#parts = [joined];
    return joined;
  }
}
