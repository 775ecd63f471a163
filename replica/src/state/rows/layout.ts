/**
 * The rows in storage. One byte names the section, the rest of the key orders it; numbers are big-endian so that
 * bytes sort as the numbers do. Values are the protobuf messages of aegis/replica/v1/state.proto but for session
 * results, which are an 8-byte floor followed by an encoded Result, and for versioned values (kv/value-row.ts).
 *
 *   M                                 MetaRow: index, hash, lease clock, counters; rewritten by every flush
 *   P                                 MembershipRow
 *   L  lease id (8)                   LeaseRow
 *   R  lease id (8) | sequence (8)    result of a sequenced call
 *   C  number of the claim (8)        ClaimRow, locks and elections alike, in the order in which they arrived
 *   D  number of the claim (8)        DelayRow, a lock that rests
 *   K                                 KvRow: revision, compaction and quota of the versioned keys
 *   V  main (8) | sub revision (4)    one revision of one versioned key
 *   A                                 AlarmsRow, while an alarm is raised
 */
export const SECTION = {
  meta: 0x4d,
  membership: 0x50,
  lease: 0x4c,
  result: 0x52,
  claim: 0x43,
  delay: 0x44,
  keys: 0x4b,
  value: 0x56,
  alarms: 0x41,
} as const;
export type Section = (typeof SECTION)[keyof typeof SECTION];

export function sectionRange(section: Section): { from: Uint8Array; to: Uint8Array } {
  return { from: Uint8Array.of(section), to: Uint8Array.of(section + 1) };
}

export function singleKey(
  section: typeof SECTION.meta | typeof SECTION.membership | typeof SECTION.keys | typeof SECTION.alarms,
): Uint8Array {
  return Uint8Array.of(section);
}

/** Whether a row says at which index the others stand. */
export function isMetaRow(key: Uint8Array): boolean {
  return key.length === 1 && key[0] === SECTION.meta;
}

export function leaseKey(id: LeaseId): Uint8Array {
  const key = new Uint8Array(9);
  key[0] = SECTION.lease;
  writeWord(key, 1, id.high);
  writeWord(key, 5, id.low);
  return key;
}

export function resultKey(id: LeaseId, sequence: number): Uint8Array {
  const key = new Uint8Array(17);
  key[0] = SECTION.result;
  writeWord(key, 1, id.high);
  writeWord(key, 5, id.low);
  writeNumber(key, 9, sequence);
  return key;
}

export function claimKey(number: number): Uint8Array {
  return numberKey(SECTION.claim, number);
}

export function delayKey(number: number): Uint8Array {
  return numberKey(SECTION.delay, number);
}

export function revisionKey(main: number, sub: number): Uint8Array {
  const key = new Uint8Array(REVISION_KEY_BYTES);
  key[0] = SECTION.value;
  writeNumber(key, 1, main);
  writeWord(key, 9, sub);
  return key;
}

export const REVISION_KEY_BYTES = 13;

export function revisionAt(key: Uint8Array): { main: number; sub: number } {
  const view = viewOf(key);
  return { main: view.getUint32(1) * 0x1_0000_0000 + view.getUint32(5), sub: view.getUint32(9) };
}

/** A lease id: unsigned, 64 bits, in two halves because JavaScript's numbers end at 53. */
export interface LeaseId {
  readonly high: number;
  readonly low: number;
}

export function leaseIdOf(decimal: string): LeaseId {
  const id = BigInt(decimal);
  return { high: Number(id >> 32n), low: Number(id & 0xffff_ffffn) };
}

export function leaseIdAt(key: Uint8Array): string {
  return viewOf(key).getBigUint64(1).toString();
}

export function claimNumberAt(key: Uint8Array): number {
  return Number(viewOf(key).getBigUint64(1));
}

export function sequenceAt(key: Uint8Array): number {
  return Number(viewOf(key).getBigUint64(9));
}

/** A safe integer in eight bytes, big-endian. */
export function writeNumber(bytes: Uint8Array, at: number, value: number): void {
  writeWord(bytes, at, Math.floor(value / 0x1_0000_0000));
  writeWord(bytes, at + 4, value);
}

export function readNumber(bytes: Uint8Array, at: number): number {
  return Number(viewOf(bytes).getBigUint64(at));
}

// Plain arrays and not Buffers of the pool: a key lives as long as its row, and would keep 8 KiB of the pool alive.
function numberKey(section: Section, number: number): Uint8Array {
  const key = new Uint8Array(9);
  key[0] = section;
  writeNumber(key, 1, number);
  return key;
}

/** The low 32 bits of a number. */
function writeWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
