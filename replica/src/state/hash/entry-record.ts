import { hash } from 'node:crypto';

const PUT = 1;
const DELETE = 2;
const RESULT = 3;
const HASH_BYTES = 32;

/**
 * What one entry did, in the order in which it did it: the bytes that the state hash chains over.
 *
 *   previous hash (32) | index (8) | term (8) | steps | state of the counters
 *   a step: 1 | key length (4) | key | value length (4) | value     a row was written
 *           2 | key length (4) | key                                a row was deleted
 *           3 | length (4) | Result                                 a result that no row holds
 */
export class EntryRecord {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  /** `previousHash` is what `digest` gave. */
  begin(previousHash: string, index: number, term: number): void {
    this.#length = this.#bytes.write(previousHash, 0, 'hex');
    this.number(index);
    this.number(term);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#step(PUT, key);
    this.#reserve(4 + value.length);
    this.#length = this.#bytes.writeUInt32BE(value.length, this.#length);
    this.#append(value);
  }

  delete(key: Uint8Array): void {
    this.#step(DELETE, key);
  }

  result(encoded: Uint8Array): void {
    this.#step(RESULT, encoded);
  }

  /** A counter or clock of the state. */
  number(value: number): void {
    this.#reserve(8);
    this.#bytes.writeDoubleBE(value, this.#length);
    this.#length += 8;
  }

  /** The hash over all since `begin`, in hex. */
  digest(): string {
    return hash('sha256', this.#bytes.subarray(0, this.#length), 'hex');
  }

  #step(kind: number, bytes: Uint8Array): void {
    this.#reserve(5 + bytes.length);
    this.#bytes[this.#length] = kind;
    this.#length = this.#bytes.writeUInt32BE(bytes.length, this.#length + 1);
    this.#append(bytes);
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

export const NO_HASH = '00'.repeat(HASH_BYTES);
