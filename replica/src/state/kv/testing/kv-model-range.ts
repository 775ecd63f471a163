export interface Range {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export function inRange(key: string, range: Range): boolean {
  const from = text(range.key);
  const end = text(range.rangeEnd);
  if (end === '') return key === from;
  return key >= from && (end === '\0' || key < end);
}
