import { expect, test } from '@jest/globals';
import type { Command } from '@aegis/proto/replica/command';
import fc from 'fast-check';

import { Script } from '../../state/testing/script.js';
import { changeSettings, firstSettings, type SharedSettings, sharedSettingsOf } from './shared-settings.js';

const settings: fc.Arbitrary<SharedSettings> = fc.record({
  leaseMinTtlMs: fc.integer({ min: 1, max: 3 }),
  leaseMaxTtlMs: fc.integer({ min: 3, max: 5 }),
  leaseExpiryPerTick: fc.integer({ min: 1, max: 3 }),
  kvQuotaBytes: fc.integer({ min: 1, max: 3 }),
});
/** Either a member begins a term, its file saying this, or an administrator asks for this. */
const turn = fc.record({ elected: fc.boolean(), settings });

test('the first leader gives the settings, and then only an administrator, by one command each, whoever leads', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 12 }), async (turns) => {
      const script = await Script.start();
      const { machine } = script;
      let inForce: SharedSettings | undefined;
      for (const { elected, settings: given } of turns) {
        const ops: string[] = [];
        const apply = ({ op }: Command): void => {
          ops.push(op!.$case);
          expect(script.do(op!)).toEqual({});
        };
        if (elected) {
          for (const command of firstSettings(given, machine)) apply(command);
          expect(ops.sort()).toEqual(inForce === undefined ? ['setKvQuota', 'setLeaseSettings'] : []);
          inForce ??= given;
        } else {
          let answer: unknown;
          const before = inForce;
          changeSettings(
            given,
            machine,
            (command, settle) => {
              apply(command);
              settle({ result: { $case: 'done', value: {} } }, undefined);
            },
            (changed, failed) => {
              answer = { changed, failed };
            },
          );
          inForce = given;
          const [oldQuota, newQuota] = [before?.kvQuotaBytes, given.kvQuotaBytes];
          const leases = (of: SharedSettings | undefined) => JSON.stringify({ ...of, kvQuotaBytes: 0 });
          const expected = [
            ...(oldQuota === newQuota ? [] : ['setKvQuota']),
            ...(leases(before) === leases(given) ? [] : ['setLeaseSettings']),
          ];
          expect(ops.sort()).toEqual(expected);
          expect(answer).toEqual({ changed: expected.length > 0, failed: undefined });
        }
        expect(sharedSettingsOf(machine)).toEqual(inForce);
      }
    }),
    { numRuns: Number(process.env['AEGIS_PROPERTY_RUNS'] ?? 200) },
  );
});

test('a state of before the number of expiries was shared gets its leader’s settings of leases once', async () => {
  const script = await Script.start();
  script.do({
    $case: 'setLeaseSettings',
    value: { leaseMinTtlMs: 5, leaseMaxTtlMs: 9, leaseExpiryPerTick: 0 },
  });
  script.do({ $case: 'setKvQuota', value: { quotaBytes: 7 } });
  const own = { leaseMinTtlMs: 2, leaseMaxTtlMs: 4, leaseExpiryPerTick: 3, kvQuotaBytes: 1 };
  for (const { op } of firstSettings(own, script.machine)) script.do(op!);
  expect(sharedSettingsOf(script.machine)).toEqual({ ...own, kvQuotaBytes: 7 });
  expect(firstSettings({ ...own, leaseMinTtlMs: 1 }, script.machine)).toEqual([]);
});

test('a change that fails in part is answered once, with what failed', async () => {
  const script = await Script.start();
  const answers: unknown[] = [];
  const refused = { code: 1, message: 'no' } as never;
  const open: ((failed: boolean) => void)[] = [];
  const wanted = { leaseMinTtlMs: 2, leaseMaxTtlMs: 4, leaseExpiryPerTick: 3, kvQuotaBytes: 1 };
  changeSettings(
    wanted,
    script.machine,
    (_command, settle) =>
      open.push((failed) =>
        settle(
          { result: failed ? { $case: 'error', value: refused } : { $case: 'done', value: {} } },
          undefined,
        ),
      ),
    (...answer) => answers.push(answer),
  );
  expect(open).toHaveLength(2);
  open[0]!(true);
  expect(answers).toEqual([]);
  open[1]!(false);
  expect(answers).toEqual([[true, refused]]);
});
