import type { Unit } from '../telemetry/index.js';
import type { Facts } from './facts.js';

/** A number that the evidence has. */
export interface Known {
  readonly value: number;
  readonly unit: Unit | 'replicas';
}

export function numbersOf({ evidence, replicas }: Facts): readonly Known[] {
  const known: Known[] = [{ value: replicas, unit: 'replicas' }];
  for (const { worst, bound, unit, onsetSeconds, seenSeconds } of evidence) {
    if (worst !== null) known.push({ value: worst, unit });
    if (bound !== null) known.push({ value: bound, unit });
    known.push({ value: onsetSeconds, unit: 'seconds' }, { value: seenSeconds, unit: 'seconds' });
  }
  return known;
}

/** Numbers of a text that the evidence has not, in digits or in words, or with another unit. */
export function numberProblems(text: string, known: readonly Known[]): readonly string[] {
  const problems: string[] = [];
  for (const match of text.matchAll(NUMBER)) {
    const { digits, unit, glued } = match.groups!;
    const value = Number(digits!.replaceAll(',', ''));
    const shown = match[0].trim();
    const same = known.filter((each) => each.value === value);
    if (glued !== undefined || same.length === 0) problems.push(`the evidence has no number ${shown}`);
    else if (unit !== undefined && !fits(unit.toLowerCase(), same))
      problems.push(`the evidence has ${digits} in another unit than ${unit}`);
  }
  for (const [word] of text.toLowerCase().matchAll(/[a-z]+/g)) {
    const value = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    if (value === null || (value !== undefined && !known.some((each) => each.value === value)))
      problems.push(`the evidence has no number "${word}"`);
  }
  return [...new Set(problems)];
}

/** Digits with what stands before and after them: `1e9`, `3x` and `v2` are numbers too, and none of the evidence's. */
const NUMBER =
  /(?<glued>[A-Za-z_.]+(?=\d))?(?<digits>(?:(?<![\dA-Za-z])[+-])?\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?)(?:[ -]?(?<unit>%|[A-Za-z]+))?/g;

const UNITS: Readonly<Record<string, readonly Known['unit'][]>> = {
  s: ['seconds'],
  sec: ['seconds'],
  secs: ['seconds'],
  second: ['seconds'],
  seconds: ['seconds'],
  entry: ['entries', 'number'],
  entries: ['entries', 'number'],
  byte: ['bytes'],
  bytes: ['bytes'],
  b: ['bytes'],
  replica: ['replicas', 'number'],
  replicas: ['replicas', 'number'],
  member: ['replicas', 'number'],
  members: ['replicas', 'number'],
};
/** The evidence has none of these, so that a number with one of them was computed by somebody. */
const FOREIGN = new Set(
  'ms msec msecs millisecond milliseconds us microsecond microseconds ns minute minutes min mins hour hours h day days week weeks % percent permille kb kib mb mib gb gib kilobytes megabytes gigabytes x times fold k m g'.split(
    ' ',
  ),
);

function fits(unit: string, same: readonly Known[]): boolean {
  if (FOREIGN.has(unit)) return false;
  const wanted = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  return wanted === undefined || same.some((each) => wanted.includes(each.unit));
}

/** Null: a number that no evidence has as such. `one`, `once` and `second` are words as well, and pass. */
const WORDS: Readonly<Record<string, number | null>> = {
  ...Object.fromEntries(
    'zero - two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
      .split(' ')
      .map((word, value) => [word, value] as const)
      .filter(([word]) => word !== '-'),
  ),
  ...Object.fromEntries(
    'thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, at) => [word, 30 + 10 * at]),
  ),
  ...Object.fromEntries(
    'hundred hundreds thousand thousands million millions billion billions dozen dozens half twice thrice double doubled triple tripled quadruple quadrupled tenfold twofold threefold quarter percent'
      .split(' ')
      .map((word) => [word, null]),
  ),
};
