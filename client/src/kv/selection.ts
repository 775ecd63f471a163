import { bytesOf, keyOf, type Bytes } from './bytes.js';

/** Which keys: a single one, those that begin with a prefix ('' is all), or those from one on and before another. */
export type Selection =
  | { readonly key: Bytes }
  | { readonly prefix: Bytes }
  /** Without `to`: to the last key there is. */
  | { readonly from: Bytes; readonly to?: Bytes };

/** As the contract names them: an empty end for the one key, "\0" for no end. */
export interface KeyRange {
  readonly key: Buffer;
  readonly rangeEnd: Buffer;
}

const ONE_KEY = Buffer.alloc(0);
const NO_END = Buffer.from([0]);

export function rangeOf(selection: Selection): KeyRange {
  if ('key' in selection) return { key: keyOf(selection.key), rangeEnd: ONE_KEY };
  if ('prefix' in selection) return prefixRange(bytesOf(selection.prefix));
  const rangeEnd = selection.to === undefined ? NO_END : keyOf(selection.to);
  return { key: keyOf(selection.from), rangeEnd };
}

/** The first key that sorts after this one. */
export function keyAfter(key: Buffer): Buffer {
  return Buffer.concat([key, NO_END]);
}

function prefixRange(prefix: Buffer): KeyRange {
  if (prefix.length === 0) return { key: NO_END, rangeEnd: NO_END };
  // The last byte that can be raised is; what follows it is cut off. Nothing sorts after a prefix of 0xff alone.
  for (let at = prefix.length - 1; at >= 0; at--) {
    if (prefix[at] === 0xff) continue;
    const rangeEnd = Buffer.from(prefix.subarray(0, at + 1));
    rangeEnd[at]!++;
    return { key: prefix, rangeEnd };
  }
  return { key: prefix, rangeEnd: NO_END };
}
