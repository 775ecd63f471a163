import fc from 'fast-check';
import type { Command } from '@aegis/proto/replica/command';
import type { LockMode } from '@aegis/proto/v1/lock';
import { op, type Op } from './script.js';

/** A command before the places in the log and the clock that it names are known. */
export interface Draft {
  op: (nowMs: number) => Op;
  /** Sequenced, in the present life of the lease or in an earlier one. */
  call: { lease: string; sequence: number; lowestUnanswered: number; stale: boolean } | undefined;
}

/** One entry: a change of leader, or commands under one stamp. */
export type Turn = { readonly leader: true } | { readonly passMs: number; readonly drafts: readonly Draft[] };

export const LEASES = ['1', '2', '9223372036854775807'];
export const NAMES = ['a', 'b'];

const lease = fc.constantFrom(...LEASES);
const name = fc.constantFrom(...NAMES);
const claim = fc.integer({ min: 1, max: 2 });
const waitMs = fc.constantFrom(0, -1, -1, 300, 1500);
const at = (made: Op) => (): Op => made;

const acquire = fc
  .record({
    name,
    lease,
    claim,
    mode: fc.constantFrom<LockMode>(0, 1, 2, 2, 3),
    permits: fc.integer({ min: 1, max: 2 }),
    waitMs,
    lockDelayMs: fc.constantFrom(0, 0, 800),
  })
  .map(({ name, lease, ...more }) => at(op.acquire(name, lease, more)));

const anyOp: fc.Arbitrary<Draft['op']> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({ lease, ttlMs: fc.constantFrom(2000, 2000, 3000, 100) })
      .map(({ lease, ttlMs }) => at(op.grant(lease, ttlMs))),
  },
  { weight: 2, arbitrary: fc.array(lease, { maxLength: 3 }).map((leases) => at(op.keepAlive(...leases))) },
  { weight: 1, arbitrary: lease.map((lease) => at(op.revoke(lease))) },
  { weight: 9, arbitrary: acquire },
  { weight: 4, arbitrary: fc.tuple(name, lease, claim).map((args) => at(op.release(...args))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(name, lease, fc.string({ maxLength: 3 }), waitMs)
      .map((args) => at(op.campaign(...args))),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(name, lease, fc.string({ maxLength: 3 })).map((args) => at(op.proclaim(...args))),
  },
  { weight: 1, arbitrary: fc.tuple(name, lease).map((args) => at(op.resign(...args))) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(0, 0, 0, 100, 900, -1), fc.constantFrom(0, 1, 1, 2, 1000)).map(
      ([backMs, limit]) =>
        (nowMs: number): Op =>
          op.expire(Math.max(0, nowMs - backMs), limit),
    ),
  },
);

const call = fc.record({
  lease,
  sequence: fc.integer({ min: 1, max: 8 }),
  lowestUnanswered: fc.integer({ min: 1, max: 6 }),
  stale: fc.constantFrom(false, false, false, true),
});

const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ leader: true } as const) },
  {
    weight: 9,
    arbitrary: fc.record({
      passMs: fc.constantFrom(0, 1, 200, 700, 1500, 2500, -100),
      drafts: fc.array(fc.record({ op: anyOp, call: fc.option(call, { nil: undefined, freq: 2 }) }), {
        maxLength: 4,
      }),
    }),
  },
);

/** Leases first, so that most of what follows has something to work on. */
export const history: fc.Arbitrary<Turn[]> = fc
  .array(turn, { minLength: 1, maxLength: 40, size: 'max' })
  .map((turns) => [
    { passMs: 0, drafts: LEASES.map((lease) => ({ op: at(op.grant(lease, 3000)), call: undefined })) },
    ...turns,
  ]);

/** The command as the log has it. */
export function commandOf(
  draft: Draft,
  nowMs: number,
  grantIndexOf: (lease: string) => number | undefined,
): Command {
  const { call } = draft;
  if (call === undefined) return { call: undefined, op: draft.op(nowMs) };
  const { lease, sequence, lowestUnanswered, stale } = call;
  const grantIndex = (grantIndexOf(lease) ?? 1) - (stale ? 1 : 0);
  return { call: { lease, grantIndex, sequence, lowestUnanswered }, op: draft.op(nowMs) };
}
