import type { Label } from '../labels/index.js';
import type { Answer } from '../methods/method.js';
import { brier, wilson, type Interval } from './intervals.js';
import { classScores, isExact, isTop, macroF1, pathF1, type ClassScore } from './match.js';

/** A method's answer to one case. */
export interface Judged {
  readonly label: Label;
  readonly answer: Answer;
}

export interface Share {
  readonly right: number;
  readonly of: number;
  /** At 95 %. */
  readonly interval: Interval;
}

export interface Score {
  /** Incidents whose set of classes was said, no more and no less. */
  readonly exact: Share;
  readonly top1: Share;
  readonly top3: Share;
  /** Controls of which a class was said. */
  readonly falseAlarms: Share;
  readonly classes: readonly ClassScore[];
  readonly macroF1: number;
  /** The mean over incidents whose path is known. Null: there are none. */
  readonly pathF1: number | null;
  /** Of the first cause that was named; an incident without one was said to be certain of nothing. */
  readonly brier: number;
}

export function scoreOf(judged: readonly Judged[]): Score {
  const incidents = judged.filter(({ label }) => label.control === null);
  const controls = judged.filter(({ label }) => label.control !== null);
  const classes = classScores(judged);
  const paths = incidents.flatMap(({ label, answer }) =>
    label.path === null ? [] : [pathF1(answer.path, label.path)],
  );
  return {
    exact: share(incidents, ({ label, answer }) => isExact(answer, label)),
    top1: share(incidents, (each) => top(each, 1)),
    top3: share(incidents, (each) => top(each, 3)),
    falseAlarms: share(controls, ({ answer }) => answer.classes.length > 0),
    classes,
    macroF1: macroF1(classes),
    pathF1: paths.length === 0 ? null : paths.reduce((total, each) => total + each, 0) / paths.length,
    brier: brier(
      incidents.map((each) => ({ confidence: each.answer.causes[0]?.confidence ?? 0, right: top(each, 1) })),
    ),
  };
}

export function top({ label, answer }: Judged, among: number): boolean {
  return label.cause !== null && isTop(answer, label.cause, among);
}

function share(all: readonly Judged[], right: (each: Judged) => boolean): Share {
  const count = all.filter(right).length;
  return { right: count, of: all.length, interval: wilson(count, all.length) };
}
