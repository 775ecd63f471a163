import { Random } from '@aegis/replica/sim';

/** Simulated time of all pairs together: what two processors do within a minute. */
const BUDGET_MS = 2_400_000;
const PAIRS = { min: 8, max: 16 };
/** So many show which of some patches is the better one; whether it is good is for the others to say. */
const CHOOSING = 3;
/** Seeds below choose, those from here on verify: none does both. */
const HALF = 2 ** 30;

export interface Seeds {
  readonly choosing: readonly number[];
  readonly verifying: readonly number[];
}

/** The same for the same seed and length. */
export function seedsOf(seed: number, durationMs: number): Seeds {
  const random = new Random(seed);
  const pairs = Math.min(PAIRS.max, Math.max(PAIRS.min, Math.floor(BUDGET_MS / (2 * durationMs))));
  return {
    choosing: drawn(random, CHOOSING).map((each) => each + 1),
    verifying: drawn(random, pairs).map((each) => each + HALF),
  };
}

function drawn(random: Random, count: number): number[] {
  const all = new Set<number>();
  while (all.size < count) all.add(random.below(HALF - 1));
  return [...all];
}
