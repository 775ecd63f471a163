import { NO_LIMIT, refusedChangeData, EntryType, type Entry } from './types.js';

/** The size of an entry against the limits, in bytes: given from outside, so that no encoding enters the core. */
export type EntrySize = (entry: Entry) => number;

export function entriesSize(entries: readonly Entry[], size: EntrySize): number {
  let total = 0;
  for (const entry of entries) total += size(entry);
  return total;
}

/** Payload bytes, which count against the in-flight and uncommitted limits. A leader's first, empty entry is free. */
export function payloadSize(entries: readonly Entry[]): number {
  let total = 0;
  for (const entry of entries) total += entry.data.length;
  return total;
}

/**
 * How many entries of `entries[from, to)` together stay within `limit`; at least one if there is any, because a
 * single entry above the limit must still move.
 */
export function countWithin(
  entries: readonly Entry[],
  from: number,
  to: number,
  limit: number,
  size: EntrySize,
): number {
  if (limit === NO_LIMIT) return to - from;
  let total = 0;
  for (let i = from; i < to; i++) {
    total += size(entries[i]!);
    if (total > limit && i > from) return i - from;
  }
  return to - from;
}

/** Bytes of a protobuf varint of a safe integer. */
export function varintSize(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/**
 * The size of the entry as etcd's raftpb.Entry in protobuf: tag and varint of term and index, the type when it is set
 * (an entry that replaced a refused change says it even though it is the default), the data when there is any.
 */
export function protobufEntrySize(entry: Entry): number {
  const { length } = entry.data;
  const saysType = entry.type !== EntryType.Normal || entry.data === refusedChangeData;
  return (
    1 +
    varintSize(entry.term) +
    1 +
    varintSize(entry.index) +
    (saysType ? 2 : 0) +
    (length === 0 ? 0 : 1 + varintSize(length) + length)
  );
}
