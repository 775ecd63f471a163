import { CLASSES, placeKey, samePlace, type Effect, type IncidentClass } from '@aegis/agent/diagnose';
import type { Label, TrueCause } from '../labels/index.js';
import type { Answer } from '../methods/method.js';

/** All of its classes and no other. Of a control: none. */
export function isExact({ classes }: Pick<Answer, 'classes'>, label: Pick<Label, 'classes'>): boolean {
  return CLASSES.every((name) => classes.includes(name) === label.classes.includes(name));
}

/** The true cause is among the first so many: the fault, in one of the places where it was. */
export function isTop({ causes }: Pick<Answer, 'causes'>, cause: TrueCause, among: number): boolean {
  return causes
    .slice(0, among)
    .some(({ fault, at }) => fault === cause.fault && cause.at.some((where) => samePlace(where, at)));
}

/** How well two sets of effects agree: 1 if they are the same, 0 if nothing is in both. Two empty ones agree. */
export function pathF1(said: readonly Effect[], was: readonly Effect[]): number {
  const key = ({ effect, at }: Effect): string => `${effect} ${placeKey(at)}`;
  const [one, other] = [new Set(said.map(key)), new Set(was.map(key))];
  if (one.size === 0 && other.size === 0) return 1;
  const both = [...one].filter((each) => other.has(each)).length;
  return (2 * both) / (one.size + other.size);
}

export interface ClassScore {
  readonly class: IncidentClass;
  /** How many cases are of it. */
  readonly cases: number;
  /** Of those that were said to be of it, how many are. Null: none was said to be. */
  readonly precision: number | null;
  /** Of those that are, how many were said to be. Null: none is. */
  readonly recall: number | null;
  readonly f1: number;
}

export function classScores(
  judged: readonly { readonly label: Pick<Label, 'classes'>; readonly answer: Pick<Answer, 'classes'> }[],
): ClassScore[] {
  return CLASSES.map((name) => {
    const was = judged.filter(({ label }) => label.classes.includes(name));
    const said = judged.filter(({ answer }) => answer.classes.includes(name));
    const right = was.filter(({ answer }) => answer.classes.includes(name)).length;
    const total = was.length + said.length;
    return {
      class: name,
      cases: was.length,
      precision: said.length === 0 ? null : right / said.length,
      recall: was.length === 0 ? null : right / was.length,
      f1: total === 0 ? 0 : (2 * right) / total,
    };
  });
}

/** The mean over the classes of which there are cases, or that were said without any. */
export function macroF1(scores: readonly ClassScore[]): number {
  const counted = scores.filter(({ cases, precision }) => cases > 0 || precision !== null);
  return counted.length === 0
    ? Number.NaN
    : counted.reduce((total, { f1 }) => total + f1, 0) / counted.length;
}
