import type { TuningRecommendationStatus } from '@aegis/crds';
import { createHash } from 'node:crypto';

export type VerificationStatus = NonNullable<TuningRecommendationStatus['verification']>;

/** What a kubelet hands on of a termination message. */
export const ANSWER_BYTES_MAX = 4_096;

const RESULTS = ['Improves', 'NoDifference', 'Harm', 'CannotReproduce'] as const;
const NUMBERS = ['before', 'after', 'delta', 'deltaLow', 'deltaHigh'] as const;
const TEXTS = ['result', 'signal', 'unit', 'seeds', 'harmed', 'questionDigest', 'reportDigest'];
/** `pairs` are for whoever draws them: the status has no place for them. */
const FIELDS = [...TEXTS, ...NUMBERS, 'pairs'];
const DIGEST = /^[0-9a-f]{64}$/;
const TEXT_CHARACTERS_MAX = 128;
const UNIT_CHARACTERS_MAX = 32;
const SEEDS_MAX = 100_000;

/** What a pod left is no answer to the question that it was given: the message says why. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

/**
 * Reads what a verifier left as its termination message. Throws AnswerError for what is cut off, of another question, or says two things
 * that cannot both be so.
 * @param question as it was handed to the pod
 */
export function readAnswer(text: string, question: string): Omit<VerificationStatus, 'completedTime'> {
  const said = mappingIn(text);
  const unknown = Object.keys(said).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined)
    throw new AnswerError(`it has a field "${unknown.slice(0, 50)}" that is not known`);
  const result = RESULTS.find((each) => each === said['result']);
  if (result === undefined) throw new AnswerError('its result is none of ' + RESULTS.join(', '));
  if (said['questionDigest'] !== createHash('sha256').update(question).digest('hex'))
    throw new AnswerError('it answers another question');
  const reportDigest = said['reportDigest'];
  if (typeof reportDigest !== 'string' || !DIGEST.test(reportDigest))
    throw new AnswerError('its reportDigest is no SHA-256');
  const numbers = Object.fromEntries(
    NUMBERS.map((name) => [name, wholeNumber(name, said[name], Number.MAX_SAFE_INTEGER)]),
  ) as Pick<VerificationStatus, (typeof NUMBERS)[number]>;
  const seeds = wholeNumber('seeds', said['seeds'], SEEDS_MAX);
  const harmed = said['harmed'] === undefined ? undefined : textIn('harmed', said['harmed']);
  const read = {
    result,
    signal: textIn('signal', said['signal']).slice(0, TEXT_CHARACTERS_MAX),
    unit: textIn('unit', said['unit']).slice(0, UNIT_CHARACTERS_MAX),
    ...numbers,
    seeds,
    ...(harmed === undefined ? {} : { harmed: harmed.slice(0, TEXT_CHARACTERS_MAX) }),
    reportDigest,
  };
  agree(read);
  return read;
}

/** All signals are better when they are smaller: what calls itself an improvement has its whole interval below zero. */
function agree(said: Omit<VerificationStatus, 'completedTime'>): void {
  const { result, delta, deltaLow, deltaHigh, seeds, harmed } = said;
  if (seeds < 1) throw new AnswerError('it rests on no run at all');
  if (deltaLow > delta || delta > deltaHigh) throw new AnswerError('its delta is outside of its interval');
  if (result !== 'Improves') return;
  if (deltaHigh > 0) throw new AnswerError('it says Improves, and its interval does not');
  if (harmed !== undefined)
    throw new AnswerError(`it says Improves, and that ${harmed.slice(0, 50)} got worse`);
}

function mappingIn(text: string): Readonly<Record<string, unknown>> {
  const bytes = Buffer.byteLength(text);
  if (bytes > ANSWER_BYTES_MAX)
    throw new AnswerError(`it has ${bytes} bytes, and at most ${ANSWER_BYTES_MAX} are read`);
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw new AnswerError(text === '' ? 'it is empty' : 'it is no JSON');
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    throw new AnswerError('it is no mapping');
  return said as Readonly<Record<string, unknown>>;
}

function wholeNumber(name: string, value: unknown, most: number): number {
  if (Number.isSafeInteger(value) && Math.abs(value as number) <= most) return value as number;
  throw new AnswerError(`its ${name} is no whole number of at most ${most}`);
}

function textIn(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new AnswerError(`its ${name} is no text`);
}
