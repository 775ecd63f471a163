import fc from 'fast-check';
import type { KvCompare, KvOperation, KvRangeRequest } from '@aegis/proto/v1/kv';
import { op, type Op } from '../../testing/script.js';
import { compareOf, deleteRequest, inside, kvOp, putRequest, rangeRequest } from './kv-script.js';

/** A command before the newest revision that it may name is known. */
export type KvDraft = (newest: number, nowMs: number) => Op;
export interface KvTurn {
  readonly passMs: number;
  readonly drafts: readonly KvDraft[];
}

export const LEASES = ['1', '2', '9223372036854775807'];

const key = fc.constantFrom('a', 'a', 'b', 'aa', 'a\0', '\xff', '\0', 'c');
const keyOrNone = fc.oneof({ weight: 30, arbitrary: key }, { weight: 1, arbitrary: fc.constant('') });
const end = fc.constantFrom('', '', '', '\0', 'b', 'a', 'aa', '\xff', 'c\0');
const value = fc.constantFrom('', 'x', 'y', 'xy', '\xff\0');
const lease = fc.constantFrom('0', '0', '0', '0', ...LEASES);
const rare = fc.constantFrom(false, false, false, true);
const revision = fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 6, 9, 14);

const put = fc
  .record({ key: keyOrNone, value, lease, prevKv: rare, ignoreValue: rare, ignoreLease: rare })
  .map(({ key, value, lease, prevKv, ignoreValue, ignoreLease }) =>
    // Most that ignore the value or the lease give none, as they must.
    putRequest(key, ignoreValue && value !== 'y' ? '' : value, {
      lease: ignoreLease && value !== 'x' ? '0' : lease,
      prevKv,
      ignoreValue,
      ignoreLease,
    }),
  );
const deletion = fc.tuple(keyOrNone, end, rare).map((args) => deleteRequest(...args));

export const anyRange: fc.Arbitrary<KvRangeRequest> = fc
  .record({
    key: keyOrNone,
    rangeEnd: fc.oneof(end, fc.constant('\0')),
    limit: fc.constantFrom(0, 0, 1, 2, 3),
    revision,
    sortOrder: fc.constantFrom<0 | 1 | 2>(0, 0, 1, 2),
    sortTarget: fc.constantFrom<0 | 1 | 2 | 3 | 4>(0, 0, 1, 2, 3, 4),
    keysOnly: rare,
    countOnly: rare,
    minModRevision: revision,
    maxModRevision: revision,
    minCreateRevision: revision,
    maxCreateRevision: revision,
    filtered: rare,
  })
  .map(
    ({
      key,
      rangeEnd,
      filtered,
      minModRevision,
      maxModRevision,
      minCreateRevision,
      maxCreateRevision,
      ...more
    }) =>
      rangeRequest(key, rangeEnd, {
        ...more,
        ...(filtered ? { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } : {}),
      }),
  );

const compare: fc.Arbitrary<KvCompare> = fc
  .record({
    key: keyOrNone,
    rangeEnd: end,
    result: fc.constantFrom<0 | 1 | 2 | 3>(0, 1, 2, 3),
    target: fc.oneof<fc.Arbitrary<KvCompare['target']>[]>(
      fc.constant(undefined),
      revision.map((value) => ({ $case: 'version' as const, value: value % 4 })),
      revision.map((value) => ({ $case: 'createRevision' as const, value })),
      revision.map((value) => ({ $case: 'modRevision' as const, value })),
      value.map((value) => ({ $case: 'value' as const, value: Buffer.from(value, 'latin1') })),
      lease.map((value) => ({ $case: 'lease' as const, value })),
    ),
  })
  .map(({ key, rangeEnd, result, target }) => compareOf(key, target, result, rangeEnd));

const leaf: fc.Arbitrary<KvOperation> = fc.oneof(
  { weight: 4, arbitrary: put.map((value) => ({ request: { $case: 'put' as const, value } })) },
  { weight: 2, arbitrary: deletion.map((value) => ({ request: { $case: 'deleteRange' as const, value } })) },
  { weight: 2, arbitrary: anyRange.map((value) => ({ request: { $case: 'range' as const, value } })) },
);
function listOf(operation: fc.Arbitrary<KvOperation>): fc.Arbitrary<KvOperation[]> {
  return fc.array(operation, { maxLength: 3, size: 'max' });
}
function txnOf(
  operation: fc.Arbitrary<KvOperation>,
): fc.Arbitrary<[KvCompare[], KvOperation[], KvOperation[]]> {
  return fc.tuple(fc.array(compare, { maxLength: 2 }), listOf(operation), listOf(operation));
}
const nested = txnOf(leaf).map((args) => inside.txn(...args));
const operation = fc.oneof({ weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: nested });

const at = (made: Op) => (): Op => made;
const draft: fc.Arbitrary<KvDraft> = fc.oneof(
  { weight: 8, arbitrary: put.map((value) => at({ $case: 'kvPut', value })) },
  { weight: 3, arbitrary: deletion.map((value) => at({ $case: 'kvDeleteRange', value })) },
  { weight: 5, arbitrary: txnOf(operation).map((args) => at(kvOp.txn(...args))) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: -1, max: 6 }).map(
      (back): KvDraft =>
        (newest) =>
          kvOp.compact(Math.max(0, newest - back)),
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom(...LEASES).map((lease) => at(op.grant(lease, 3000))) },
  { weight: 1, arbitrary: fc.constantFrom(...LEASES).map((lease) => at(op.revoke(lease))) },
  { weight: 1, arbitrary: fc.constant<KvDraft>((_, nowMs) => op.expire(nowMs)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(kvOp.quota(0), kvOp.quota(0), kvOp.quota(500), op.noSpace(true), op.noSpace(false))
      .map(at),
  },
);

/** Leases first, so that keys have something to hang on. */
export const kvHistory: fc.Arbitrary<KvTurn[]> = fc
  .array(
    fc.record({ passMs: fc.constantFrom(0, 100, 900, 1900), drafts: fc.array(draft, { maxLength: 4 }) }),
    { minLength: 1, maxLength: 30, size: 'max' },
  )
  .map((turns) => [{ passMs: 0, drafts: LEASES.map((lease) => at(op.grant(lease, 3000))) }, ...turns]);
