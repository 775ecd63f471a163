import { KvCompareResult, type KvCompare } from '@aegis/proto/v1/kv';
import { checkLease } from '../lease/leases.js';
import { bytesOf, checkRevision, type Bytes } from './bytes.js';
import { rangeOf, type Selection } from './selection.js';

export type Relation = '=' | '!=' | '>' | '<';

const RESULTS = {
  '=': KvCompareResult.EQUAL,
  '!=': KvCompareResult.NOT_EQUAL,
  '>': KvCompareResult.GREATER,
  '<': KvCompareResult.LESS,
} as const;

/** A key, or a selection whose every key has to compare so. */
type What = Bytes | Selection;

/**
 * Conditions of a transaction. A key that does not exist has version, revisions and lease 0; no comparison of its value
 * holds.
 */
export const compare = {
  version: (what: What, relation: Relation, version: number): KvCompare =>
    of(what, relation, { $case: 'version', value: checkRevision('version', version, 0) }),
  createRevision: (what: What, relation: Relation, revision: number): KvCompare =>
    of(what, relation, { $case: 'createRevision', value: checkRevision('createRevision', revision, 0) }),
  modRevision: (what: What, relation: Relation, revision: number): KvCompare =>
    of(what, relation, { $case: 'modRevision', value: checkRevision('modRevision', revision, 0) }),
  value: (what: What, relation: Relation, value: Bytes): KvCompare =>
    of(what, relation, { $case: 'value', value: bytesOf(value) }),
  lease: (what: What, relation: Relation, lease: string): KvCompare =>
    of(what, relation, { $case: 'lease', value: checkLease(lease) }),
  exists: (what: What): KvCompare => of(what, '>', { $case: 'createRevision', value: 0 }),
  missing: (what: What): KvCompare => of(what, '=', { $case: 'createRevision', value: 0 }),
} as const;

function of(what: What, relation: Relation, target: NonNullable<KvCompare['target']>): KvCompare {
  return { result: RESULTS[relation], ...rangeOf(selectionOf(what)), target };
}

export function selectionOf(what: What): Selection {
  return typeof what === 'string' || what instanceof Uint8Array ? { key: what } : what;
}
