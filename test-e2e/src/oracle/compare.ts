import type { Reply } from './library.js';
import type { Schedule } from './schedule.js';

/** The first call of which both sides tell different things. */
export interface Difference {
  seed: number;
  /** Counted from 1. */
  step: number;
  call: string;
  ours: string;
  theirs: string;
  /** Why our core, or the library, ended the schedule with an assertion or a panic. */
  ourNote: string;
  theirNote: string;
  /** The calls before, oldest first, with what both agree that they did. */
  before: string[];
}

const BEFORE = 12;

export function compare({ seed, transcript }: Schedule, { outcomes, note }: Reply): Difference | undefined {
  if (Buffer.from(transcript.outcomes, 'latin1').equals(outcomes)) return undefined;
  const calls = transcript.calls.split('\n');
  const ours = transcript.outcomes.split('\n');
  const theirs = outcomes.toString('latin1').split('\n');
  const at = ours.findIndex((line, i) => line !== theirs[i]);
  return {
    seed,
    step: at + 1,
    call: calls[at]!,
    ours: ours[at]!,
    theirs: theirs[at] ?? 'nothing: it had ended',
    ourNote: at === transcript.steps - 1 ? transcript.note : '',
    theirNote: theirs[at] === 'panic' ? note : '',
    before: calls.slice(Math.max(0, at - BEFORE), at).map((call, i) => {
      const line = Math.max(0, at - BEFORE) + i;
      return `${line + 1} ${call}\n      ${ours[line]!}`;
    }),
  };
}

function onlyIn(text: string, other: string): string {
  const words = new Set(other.split(' '));
  return text
    .split(' ')
    .filter((word) => !words.has(word))
    .join(' ');
}

/** What a person needs to find the cause. */
export function describeDifference(
  difference: Difference,
  without: readonly string[],
  mutant: string,
): string {
  const { seed, step, call, ours, theirs, ourNote, theirNote, before } = difference;
  const options =
    (without.length > 0 ? ` WITHOUT=${without.join()}` : '') + (mutant ? ` MUTANT='${mutant}'` : '');
  return [
    `seed ${seed}, step ${step}: ${call}`,
    `  ours    ${ours}`,
    `  theirs  ${theirs}`,
    `  only in ours    ${onlyIn(ours, theirs)}`,
    `  only in theirs  ${onlyIn(theirs, ours)}`,
    ...(ourNote === '' ? [] : [`  our core: ${ourNote}`]),
    ...(theirNote === '' ? [] : [`  the library: ${theirNote}`]),
    '  before that:',
    ...before.map((line) => `    ${line}`),
    `  replay: make oracle STEPS=1 SEED=${seed}${options}`,
  ].join('\n');
}
