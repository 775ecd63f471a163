import {
  FIELDS,
  PROFILES,
  SETTING_NAMES,
  STATIC_RULES,
  type Profile,
  type SettingName,
  type Term,
} from '@aegis/replica/settings';
import fc from 'fast-check';

/** What somebody asks for: `spec.consensus` as it came, of a cluster of this profile and size. */
export interface Asked {
  readonly profile: Profile;
  readonly replicas: 1 | 3 | 5 | 7;
  readonly consensus: Readonly<Record<string, unknown>>;
}

const SIZES = [1, 3, 5, 7] as const;

/** Numbers at which rules turn: bounds, defaults, and what other settings at their defaults make of a comparison; each ± 1. */
function turningPoints(name: SettingName): readonly number[] {
  const { min, max, defaults } = FIELDS[name];
  const points = [min, max, ...PROFILES.map((profile) => defaults[profile])];
  for (const { greater, lesser } of STATIC_RULES.flatMap(({ comparisons }) => comparisons)) {
    for (const [own, other] of [
      [greater, lesser],
      [lesser, greater],
    ] as const) {
      if (!('field' in own) || own.field !== name) continue;
      for (const profile of PROFILES)
        for (const followers of SIZES.map((size) => size - 1))
          points.push(Math.floor(valueOf(other, profile, followers) / Math.max(1, factor(own, followers))));
    }
  }
  return [...new Set(points.flatMap((point) => [point - 1, point, point + 1]))];
}

function valueOf(term: Term, profile: Profile, followers: number): number {
  return 'constant' in term ? term.constant : factor(term, followers) * FIELDS[term.field].defaults[profile];
}

function factor(term: Term, followers: number): number {
  if ('constant' in term) return 1;
  return (term.times ?? 1) * (term.perFollower === true ? followers : 1);
}

function numberFor(name: SettingName): fc.Arbitrary<number> {
  const { min, max, defaults } = FIELDS[name];
  const usual = Math.min(max, Math.max(min, defaults.all * 3));
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...turningPoints(name)) },
    { weight: 4, arbitrary: fc.integer({ min, max: usual }) },
    { weight: 1, arbitrary: fc.integer({ min, max }) },
  );
}

/** What is no whole number within any bounds. */
const NONSENSE: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>('1000', '', true, null, [], {}, 100.5, -1, -0.5, 2 ** 53),
  fc.double({ min: 1, max: 10_000, noNaN: true, noInteger: true }),
);

const consensus: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc
  .uniqueArray(fc.constantFrom(...SETTING_NAMES), { minLength: 0, maxLength: 5 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, numberFor(name)]))));

const spoilt: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc
  .tuple(consensus, fc.constantFrom(...SETTING_NAMES, 'fsync', 'quorum', 'electionTimeoutMS'), NONSENSE)
  .map(([good, name, value]) => ({ ...good, [name]: value }));

const asked: fc.Arbitrary<Asked> = fc.record({
  profile: fc.constantFrom(...PROFILES),
  replicas: fc.constantFrom(...SIZES),
  consensus: fc.oneof({ weight: 9, arbitrary: consensus }, { weight: 1, arbitrary: spoilt }),
});

/** The same in every run. */
export function drawSettings(count: number, seed = 8): readonly Asked[] {
  return fc.sample(asked, { numRuns: count, seed });
}
