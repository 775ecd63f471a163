import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { outcomeOf, Script } from '../testing/script.js';
import { keyRangeOf } from './key-range.js';
import { expectSame } from './testing/expect-same.js';
import { anyRange, kvHistory } from './testing/kv-history.js';
import { KvModel } from './testing/kv-model.js';
import { eventsOf, plain, rangeRequest } from './testing/kv-script.js';

const RUNS = Number(process.env['AEGIS_PROPERTY_RUNS'] ?? 150);
const ALL = rangeRequest('\0', '\0');

/** Results, events, reads at every revision, and the history, after every entry of a random history. */
test('does what the plain model of versioned keys does', async () => {
  await fc.assert(
    fc.asyncProperty(
      kvHistory,
      fc.array(anyRange, { minLength: 1 }),
      fc.integer({ min: 1, max: 9 }),
      async (turns, ranges, limit) => {
        const script = await Script.start();
        const { machine } = script;
        const model = new KvModel();
        for (const { passMs, drafts } of turns) {
          script.stampMs += passMs;
          model.nowMs += machine.appliedIndex === 0 ? 0 : passMs;
          const before = model.revision;
          const ops = drafts.map((draft) => draft(model.revision, model.nowMs));
          const expected = ops.map((op) => ({ op, came: model.do(op) }));
          model.endEntry();
          const results = script.batch(ops.map((op) => ({ call: undefined, op })));
          for (const [at, { op, came }] of expected.entries()) {
            const outcome = plain(outcomeOf(results[at]!));
            if (op.$case.startsWith('kv') || 'error' in came) expectSame(outcome, came);
          }
          expect(machine.kv).toEqual({
            revision: model.revision,
            compactedRevision: model.compacted,
            keys: model.at(model.revision).length,
            bytes: model.bytes,
            quotaBytes: model.quota,
            quotaAlarm: model.quotaAlarm,
          });
          const fresh = eventsOf(machine, script.changes);
          expectSame(fresh.map(forgetBefore), model.since(before + 1, ALL).map(forgetBefore));
          for (const request of ranges) {
            expectSame(plain(machine.kvRange(request)), model.range(request));
            expectHistory(script, model, request, limit);
          }
          for (let revision = model.compacted; revision <= model.revision; revision++) {
            const request = { ...ALL, revision };
            expectSame(plain(machine.kvRange(request)), model.range(request));
          }
          for (const id of model.leases.keys()) {
            const keys = model.at(model.revision).filter(({ lease }) => lease === id);
            expect(plain(machine.lease(id)!.keys)).toEqual(keys.map(({ key }) => key));
          }
        }
      },
    ),
    { numRuns: RUNS },
  );
}, 120_000);

/** In pages of `limit` rows, from the oldest revision that there is. */
function expectHistory({ machine }: Script, model: KvModel, range: typeof ALL, limit: number): void {
  const keys = keyRangeOf(range.key, range.rangeEnd);
  expect(machine.kvChangesSince(model.compacted - 1, keys, limit)).toEqual({
    compactedRevision: model.compacted,
  });
  const from = Math.max(1, model.compacted);
  const events = [];
  for (let next = from; next <= model.revision;) {
    const page = machine.kvChangesSince(next, keys, limit);
    if (!('changes' in page)) throw new Error('compacted');
    expect(page.next).toBeGreaterThan(next);
    events.push(...eventsOf(machine, page.changes));
    next = page.next;
  }
  expectSame(events, model.since(from, range));
}

/** A key as it was may be compacted in the same entry. */
function forgetBefore(event: object): object {
  return { ...event, prevKv: undefined };
}
