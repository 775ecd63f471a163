import type { KeyValue } from '@aegis/proto/v1/kv';
import { assert } from '../assert.js';
import { type LeaseId, REVISION_KEY_BYTES } from '../rows/layout.js';
import { type Key, keyOf } from './key.js';

/**
 * The row of one revision of one key. Laid out by hand and not a protobuf message: each put writes one, and a restart
 * reads them all, for which it needs what is before the value only. Numbers are big-endian.
 *
 *   kind (1) | create revision (8) | version (8) | lease (8) | length of the key (4) | key | value
 *
 * A delete has zeros for the numbers and no value. The modification revision is in the row's key (rows/layout.ts).
 */
const PUT = 1;
const DELETE = 2;
const CREATED_AT = 1;
const VERSION_AT = 9;
const LEASE_AT = 17;
const KEY_LENGTH_AT = 25;
const KEY_AT = 29;
const WORD = 0x1_0000_0000;

/** What a row of this key and value takes, with its own key. */
export function rowSize(keyLength: number, valueLength: number): number {
  return REVISION_KEY_BYTES + KEY_AT + keyLength + valueLength;
}

export interface RowContent {
  readonly created: number;
  readonly version: number;
  readonly lease: LeaseId | undefined;
  readonly value: Uint8Array;
}

export function putRow(key: Key, { created, version, lease, value }: RowContent): Buffer {
  const row = headed(PUT, key, value.length);
  writeNumber(row, CREATED_AT, created);
  writeNumber(row, VERSION_AT, version);
  if (lease !== undefined) {
    row.writeUInt32BE(lease.high, LEASE_AT);
    row.writeUInt32BE(lease.low, LEASE_AT + 4);
  }
  row.set(value, KEY_AT + key.length);
  return row;
}

export function deleteRow(key: Key): Buffer {
  return headed(DELETE, key, 0);
}

/** A row as it was stored, read field by field. */
export class ValueRow {
  readonly #bytes: Buffer;

  /** Of the whole row. */
  get bytes(): number {
    return this.#bytes.length;
  }

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const kind = this.#bytes[0];
    assert(kind === PUT || kind === DELETE, `a row of a key is of unknown kind ${kind}`);
  }

  get deleted(): boolean {
    return this.#bytes[0] === DELETE;
  }
  get created(): number {
    return readNumber(this.#bytes, CREATED_AT);
  }
  get version(): number {
    return readNumber(this.#bytes, VERSION_AT);
  }
  /** Decimal; "0" without one. */
  get lease(): string {
    const high = this.#bytes.readUInt32BE(LEASE_AT);
    const low = this.#bytes.readUInt32BE(LEASE_AT + 4);
    return high === 0 ? low.toString() : ((BigInt(high) << 32n) | BigInt(low)).toString();
  }
  get key(): Key {
    return keyOf(this.#keyBytes);
  }
  /** A view, not a copy. */
  get value(): Buffer {
    return this.#bytes.subarray(KEY_AT + this.#keyLength);
  }
  /** With the row's key. */
  get size(): number {
    return REVISION_KEY_BYTES + this.#bytes.length;
  }

  keyValue(modRevision: number): KeyValue {
    return {
      key: this.#keyBytes,
      createRevision: this.created,
      modRevision,
      version: this.version,
      value: this.value,
      lease: this.lease,
    };
  }

  get #keyLength(): number {
    return this.#bytes.readUInt32BE(KEY_LENGTH_AT);
  }
  get #keyBytes(): Buffer {
    return this.#bytes.subarray(KEY_AT, KEY_AT + this.#keyLength);
  }
}

/** Of the pool: all rows of one time are flushed together, so none keeps more than its own part of the pool alive. */
function headed(kind: number, key: Key, valueLength: number): Buffer {
  const row = Buffer.allocUnsafe(KEY_AT + key.length + valueLength);
  row.fill(0, CREATED_AT, KEY_LENGTH_AT);
  row[0] = kind;
  row.writeUInt32BE(key.length, KEY_LENGTH_AT);
  row.write(key, KEY_AT, 'latin1');
  return row;
}

function writeNumber(row: Buffer, at: number, value: number): void {
  row.writeUInt32BE(Math.floor(value / WORD), at);
  row.writeUInt32BE(value % WORD, at + 4);
}

function readNumber(row: Buffer, at: number): number {
  return row.readUInt32BE(at) * WORD + row.readUInt32BE(at + 4);
}
