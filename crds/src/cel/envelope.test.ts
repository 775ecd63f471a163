import { celEnv, parse, plan } from '@bufbuild/cel';
import {
  checkEnvelope,
  FIELDS,
  PROFILES,
  resolveSettings,
  SETTING_NAMES,
  type ConsensusSettings,
} from '@aegis/replica/settings';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CLUSTER_SIZES } from '../cluster/spec.js';
import { SETTINGS_OF_SPEC } from '../cluster/consensus.js';
import { recommendationSpec } from '../recommendation/spec.js';
import { envelopeRules, requiredRules } from './envelope.js';

const environment = celEnv();
const RULES_OF_SPEC = envelopeRules(SETTINGS_OF_SPEC).map(compile);
const RULES_OF_PATCH = (recommendationSpec.openApi['x-kubernetes-validations'] ?? [])
  .filter(({ fieldPath }) => fieldPath === '.patch')
  .map(compile);

/** A rule as an evaluator that is not ours understands it: whether `self` passes. */
function compile({ rule }: { readonly rule: string }): (self: object) => boolean {
  const evaluate = plan(environment, parse(rule));
  return (self) => {
    const result: unknown = evaluate({ self: integers(self) });
    if (typeof result !== 'boolean') throw new Error(`${rule} gives ${String(result)}`);
    return result;
  };
}

/** CEL tells integers from fractions, and knows the first as bigints. */
function integers(value: unknown): never {
  if (typeof value === 'number') return BigInt(value) as never;
  if (typeof value !== 'object' || value === null) return value as never;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, integers(each)])) as never;
}

/** Within bounds, and near each other often enough for both answers. */
const some = fc.record(
  Object.fromEntries(
    SETTING_NAMES.map((name) => {
      const { min, max, defaults } = FIELDS[name];
      const usual = Math.min(max, Math.max(min, defaults.all * 4));
      return [name, fc.oneof(fc.integer({ min, max: usual }), fc.integer({ min, max }))];
    }),
  ),
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<ConsensusSettings>>;

describe('the API server and the envelope agree, whatever is asked for', () => {
  const seen = { passed: 0, refused: 0 };
  const count = (passed: boolean): boolean => {
    seen[passed ? 'passed' : 'refused']++;
    return passed;
  };

  test('on the spec of a cluster, defaults of its profile included', () => {
    fc.assert(
      fc.property(
        some,
        fc.constantFrom(...PROFILES),
        fc.constantFrom(...CLUSTER_SIZES),
        (consensus, profile, replicas) => {
          const { passed } = checkEnvelope(resolveSettings(profile, consensus), { replicas });
          const self =
            Object.keys(consensus).length === 0 ? { profile, replicas } : { profile, replicas, consensus };
          expect(RULES_OF_SPEC.every((holds) => holds(self))).toBe(count(passed));
        },
      ),
      { numRuns: 3000 },
    );
    expect(seen.passed).toBeGreaterThan(50);
    expect(seen.refused).toBeGreaterThan(50);
  });

  test('on a patch over what a cluster runs', () => {
    fc.assert(
      fc.property(
        some,
        fc.constantFrom(...PROFILES),
        fc.constantFrom(...CLUSTER_SIZES),
        (patch, profile, replicas) => {
          const base = resolveSettings(profile);
          const { passed } = checkEnvelope({ ...base, ...patch }, { replicas });
          expect(RULES_OF_PATCH.every((holds) => holds({ base, patch, replicas }))).toBe(passed);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

test('what the table holds beyond the bounds of single settings is in the rules, each once', () => {
  const ids = requiredRules().map(({ id }) => id);
  expect(ids).toContain('election-over-heartbeat');
  expect(ids.some((id) => id.startsWith('bounds-'))).toBe(false);
  expect(envelopeRules(SETTINGS_OF_SPEC).map(({ message }) => message.split(':')[0])).toEqual(ids);
});
