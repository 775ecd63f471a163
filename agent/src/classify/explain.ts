import { placeKey } from '../diagnose/cause.js';
import type { Classification } from './classify.js';
import { SIGNALS, type Signal } from './signal.js';

/** For people, a line each: the classes with the signals that they rest on, each value beside its bound, and what could not be seen. */
export function explain({ verdict, classes, hidden, unseen }: Classification): string[] {
  const head = classes.length > 0 ? [] : [verdict === 'none' ? 'nothing is wrong' : 'nothing can be said'];
  return [
    ...head,
    ...classes.flatMap((finding) => [
      `${finding.class} since ${seconds(finding.onsetMs)}`,
      ...finding.because.map((signal) => `  ${lineOf(signal)}`),
    ]),
    ...(hidden.length > 0 ? [`of ${hidden.join(', ')} nothing can be said`] : []),
    ...unseen.map(({ text }) => `not seen: ${text}`),
  ];
}

function lineOf({ kind, at, feature, unit, onsetMs, lastMs, worst, bound }: Signal): string {
  const value = `${feature} ${rounded(worst)} against ${rounded(bound)} ${unit}`;
  return `${placeKey(at)}: ${SIGNALS[kind].text}, ${seconds(onsetMs)} to ${seconds(lastMs)} (${value})`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Three digits are enough to compare. */
const rounded = (value: number): string => String(Number(value.toPrecision(3)));
