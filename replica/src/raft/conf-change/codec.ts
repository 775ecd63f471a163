import { assert, fail } from '../assert.js';
import { EntryType, emptyBytes, type Entry } from '../types.js';
import { ConfChangeTransition, ConfChangeType, isV2 } from './conf-change.js';
import type { AnyConfChange, ConfChange, ConfChangeSingle, ConfChangeV2 } from './conf-change.js';

// Configuration changes travel inside entries, encoded as etcd's protobuf messages of the same names. Numbers that are
// part of a change are always written, even when 0; an absent context is not.

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

class Writer {
  private readonly out: number[] = [];

  varint(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, 'only safe integers are encoded');
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.out.push((rest % 128) + 128);
    this.out.push(rest);
  }

  number(field: number, value: number): void {
    this.varint(field * 8 + VARINT);
    this.varint(value);
  }

  bytes(field: number, value: Uint8Array): void {
    this.varint(field * 8 + BYTES);
    this.varint(value.length);
    for (const byte of value) this.out.push(byte);
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.out);
  }
}

/** Calls `onNumber` and `onBytes` for each known kind of field, in order; other kinds are skipped. */
function read(
  data: Uint8Array,
  onNumber: (field: number, value: number) => void,
  onBytes: (field: number, value: Uint8Array) => void,
): void {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = data[at++];
      if (byte === undefined) return fail('a configuration change is cut short');
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case VARINT:
        onNumber(field, varint());
        break;
      case FIXED64:
        at += 8;
        break;
      case FIXED32:
        at += 4;
        break;
      case BYTES: {
        const length = varint();
        assert(at + length <= data.length, 'a configuration change is cut short');
        onBytes(field, data.slice(at, at + length));
        at += length;
        break;
      }
      default:
        fail('a configuration change holds what is no protobuf');
    }
  }
}

function encodeSingle(change: ConfChangeSingle): Uint8Array {
  const writer = new Writer();
  writer.number(1, change.type);
  writer.number(2, change.nodeId);
  return writer.finish();
}

export function encodeConfChange(change: AnyConfChange): { type: EntryType; data: Uint8Array } {
  const writer = new Writer();
  const { context } = change;
  if (isV2(change)) {
    writer.number(1, change.transition);
    for (const single of change.changes) writer.bytes(2, encodeSingle(single));
    if (context !== undefined && context.length > 0) writer.bytes(3, context);
    return { type: EntryType.ConfChangeV2, data: writer.finish() };
  }
  if (change.id !== undefined) writer.number(1, change.id);
  writer.number(2, change.type);
  writer.number(3, change.nodeId);
  if (context !== undefined && context.length > 0) writer.bytes(4, context);
  return { type: EntryType.ConfChange, data: writer.finish() };
}

export function decodeConfChangeV1(data: Uint8Array): ConfChange {
  const change: ConfChange = { type: ConfChangeType.AddNode, nodeId: 0, context: undefined };
  read(
    data,
    (field, value) => {
      if (field === 1) change.id = value;
      if (field === 2) change.type = value as ConfChangeType;
      if (field === 3) change.nodeId = value;
    },
    (field, value) => {
      if (field === 4) change.context = value;
    },
  );
  return change;
}

function decodeSingle(data: Uint8Array): ConfChangeSingle {
  const single: ConfChangeSingle = { type: ConfChangeType.AddNode, nodeId: 0 };
  read(
    data,
    (field, value) => {
      if (field === 1) single.type = value as ConfChangeType;
      if (field === 2) single.nodeId = value;
    },
    () => {},
  );
  return single;
}

export function decodeConfChangeV2(data: Uint8Array): ConfChangeV2 {
  const change: ConfChangeV2 = { transition: ConfChangeTransition.Auto, changes: [], context: undefined };
  read(
    data,
    (field, value) => {
      if (field === 1) change.transition = value as ConfChangeTransition;
    },
    (field, value) => {
      if (field === 2) change.changes.push(decodeSingle(value));
      if (field === 3) change.context = value;
    },
  );
  return change;
}

/** The change that the entry carries; undefined for a normal entry. */
export function confChangeOf(entry: Entry): AnyConfChange | undefined {
  if (entry.type === EntryType.ConfChange) return decodeConfChangeV1(entry.data);
  if (entry.type === EntryType.ConfChangeV2) return decodeConfChangeV2(entry.data);
  return undefined;
}

/** Payload of the entry by which a leader leaves a joint configuration: empty, so that no size limit refuses it. */
export const leaveJointData = emptyBytes;
