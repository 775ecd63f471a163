import { type KvCompare, KvCompareResult } from '@aegis/proto/v1/kv';
import type { KeyHistory } from './key-history.js';
import { keyRangeOf } from './key-range.js';
import type { RevisionAt } from './earlier-revisions.js';
import type { KvStore } from './store.js';

/** Values read at once: what follows the first that does not compare is not read at all. */
const VALUES_PER_READ = 256;

type Target = NonNullable<KvCompare['target']>;
type NumberTarget = Exclude<Target, { $case: 'value' }>;

/** Whether a comparison holds on the store as it is. */
export function holds(kv: KvStore, compare: KvCompare): boolean {
  const target: Target = compare.target ?? { $case: 'version', value: 0 };
  return target.$case === 'value' ? valuesHold(kv, compare, target.value) : numbersHold(kv, compare, target);
}

/** Without any key, numbers are compared as 0. */
function numbersHold(kv: KvStore, { key, rangeEnd, result }: KvCompare, target: NumberTarget): boolean {
  let found = false;
  let held = true;
  kv.index.visit(keyRangeOf(key, rangeEnd), (history) => {
    if (history.deleted) return true;
    found = true;
    held = means(result, differenceOf(target, history));
    return held;
  });
  return found ? held : means(result, differenceOf(target, undefined));
}

/** Without any key, no comparison holds: there is no such thing as an absent value. */
function valuesHold(kv: KvStore, { key, rangeEnd, result }: KvCompare, wanted: Uint8Array): boolean {
  const places: RevisionAt[] = [];
  kv.index.visit(keyRangeOf(key, rangeEnd), (history) => {
    if (!history.deleted) places.push(history.newest);
    return true;
  });
  for (let from = 0; from < places.length; from += VALUES_PER_READ) {
    const rows = kv.values.readMany(places.slice(from, from + VALUES_PER_READ));
    if (!rows.every(({ value }) => means(result, Buffer.compare(value, wanted)))) return false;
  }
  return places.length > 0;
}

/** What the key has, less what is wanted. */
function differenceOf(target: NumberTarget, history: KeyHistory | undefined): number {
  switch (target.$case) {
    case 'version':
      return (history?.version ?? 0) - target.value;
    case 'createRevision':
      return (history?.created ?? 0) - target.value;
    case 'modRevision':
      return (history?.main ?? 0) - target.value;
    case 'lease':
      return Number(BigInt(history?.lease?.id ?? 0) - BigInt(target.value));
  }
}

function means(result: KvCompareResult, difference: number): boolean {
  switch (result) {
    case KvCompareResult.EQUAL:
      return difference === 0;
    case KvCompareResult.GREATER:
      return difference > 0;
    case KvCompareResult.LESS:
      return difference < 0;
    case KvCompareResult.NOT_EQUAL:
      return difference !== 0;
  }
}
