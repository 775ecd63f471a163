import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkEnvelope } from './envelope.js';
import { FIELDS, SETTING_NAMES, type ConsensusSettings } from './fields.js';
import { resolveSettings } from './resolve.js';
import { isRollSafe, nextStage } from './roll.js';

const PLAIN = resolveSettings('all');

/** Safe settings, of every profile and far from its defaults. */
const safe: fc.Arbitrary<ConsensusSettings> = fc
  .record(
    Object.fromEntries(
      SETTING_NAMES.map((name) => {
        const { min, max, defaults } = FIELDS[name];
        const near = fc.integer({ min, max: Math.min(max, defaults.all * 4 + 1) });
        return [name, fc.oneof(fc.constant(defaults.all), near)];
      }),
    ) as { [Name in keyof ConsensusSettings]: fc.Arbitrary<number> },
  )
  .filter((settings) => checkEnvelope(settings).passed);

test('what can run side by side is rolled out at once', () => {
  const wanted = { ...PLAIN, electionTimeoutMs: 1_200 };
  expect(nextStage([PLAIN], wanted)).toEqual(wanted);
});

test('a heartbeat that the old members would not bear comes after longer election timeouts', () => {
  const slow = { ...PLAIN, heartbeatIntervalMs: 1_000, electionTimeoutMs: 10_000, leaseMinTtlMs: 15_000 };
  expect(isRollSafe(PLAIN, slow)).toBe(false);
  const between = nextStage([PLAIN], slow);
  expect(between).toMatchObject({
    heartbeatIntervalMs: 100,
    electionTimeoutMs: 10_000,
    leaseMinTtlMs: 15_000,
  });
  expect(nextStage([PLAIN, between], slow)).toEqual(between);
  expect(nextStage([between], slow)).toEqual(slow);
  // And back.
  const back = nextStage([slow], PLAIN);
  expect(back).toMatchObject({ heartbeatIntervalMs: 100, electionTimeoutMs: 10_000, leaseMinTtlMs: 15_000 });
  expect(nextStage([back], PLAIN)).toEqual(PLAIN);
});

test('from any safe settings to any others: every stage is safe, beside what runs, and the second is the last', () => {
  let staged = 0;
  fc.assert(
    fc.property(safe, safe, safe, (before, wanted, otherwise) => {
      let running = [before];
      for (let stages = 0; ; stages++) {
        const stage = nextStage(running, wanted);
        expect(
          checkEnvelope(stage).findings.filter((each) => !each.passed && each.severity === 'required'),
        ).toEqual([]);
        for (const settings of running) expect(isRollSafe(settings, stage)).toBe(true);
        // Half way on somebody wants something else: what runs by then still bears its next stage.
        const turned = nextStage([...running, stage], otherwise);
        for (const settings of [...running, stage]) expect(isRollSafe(settings, turned)).toBe(true);
        if (stage === wanted) {
          if (stages > 0) staged++;
          break;
        }
        expect(stages).toBeLessThan(1);
        // In the middle of the roll the stage stays what it is.
        expect(nextStage([...running, stage], wanted)).toEqual(stage);
        running = [stage];
      }
    }),
    { numRuns: Number(process.env['AEGIS_PROPERTY_RUNS'] ?? 300) },
  );
  expect(staged).toBeGreaterThan(0);
});
