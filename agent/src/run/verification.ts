import type { Verification } from '../forge/index.js';
import type { Unverified } from '../graph/index.js';

const RESULTS = ['Improves', 'NoDifference', 'Harm', 'CannotReproduce'] as const;
const NUMBERS = ['before', 'after', 'delta', 'deltaLow', 'deltaHigh', 'seeds'] as const;
const TEXT_CHARACTERS_MAX = 128;
const PAIRS_MAX = 16;

/** What a verifier wrote, if it is a verification; what is none verifies nothing. */
export function readVerification(said: unknown): Verification | Unverified {
  if (typeof said !== 'object' || said === null) return unverified('the verifier wrote no verification');
  const { result, why, signal, unit, ...rest } = said as Readonly<Record<string, unknown>>;
  if (result === 'NotVerified') return unverified(typeof why === 'string' ? why : 'no reason was given');
  const known = RESULTS.find((each) => each === result);
  if (known === undefined) return unverified('the verifier wrote a result that is not known');
  if (typeof signal !== 'string' || typeof unit !== 'string')
    return unverified('the verifier named no signal');
  const wrong = NUMBERS.find((name) => !Number.isSafeInteger(rest[name]));
  if (wrong !== undefined) return unverified(`the verifier's ${wrong} is no whole number of thousandths`);
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, rest[name]])) as Pick<
    Verification,
    (typeof NUMBERS)[number]
  >;
  const pairs = pairsIn(rest['pairs']);
  if (pairs === undefined) return unverified("the verifier's pairs are no pairs of whole thousandths");
  return {
    result: known,
    signal: signal.slice(0, TEXT_CHARACTERS_MAX),
    unit: unit.slice(0, TEXT_CHARACTERS_MAX),
    ...numbers,
    ...(pairs.length === 0 ? {} : { pairs }),
  };
}

/** Undefined: they are none. A verifier that is older than they are tells none. */
function pairsIn(said: unknown): Verification['pairs'] {
  if (said === undefined) return [];
  if (!Array.isArray(said)) return undefined;
  const pairs = said.slice(0, PAIRS_MAX) as readonly unknown[];
  const sound = (pair: unknown): pair is readonly [number, number] =>
    Array.isArray(pair) && pair.length === 2 && pair.every(Number.isSafeInteger);
  return pairs.every(sound) ? pairs : undefined;
}

function unverified(why: string): Unverified {
  return { result: 'NotVerified', why: why.slice(0, 500) };
}
