import type { IncidentClass } from '../diagnose/cause.js';
import type { Window } from '../telemetry/index.js';
import { BOUNDS, type Bounds } from './bounds.js';
import { classesOf, type ClassFinding } from './classes.js';
import { Look } from './look.js';
import type { Signal } from './signal.js';
import { signalsOf } from './signals/index.js';
import { hiddenClasses, tooShort, unseenOf, type Unseen } from './unseen.js';

export interface Classification {
  /** `unknown`: nothing was seen, and not enough could be seen to say that there is nothing. */
  readonly verdict: 'incident' | 'none' | 'unknown';
  readonly classes: readonly ClassFinding[];
  /** Of these nothing can be said. */
  readonly hidden: readonly IncidentClass[];
  readonly signals: readonly Signal[];
  readonly unseen: readonly Unseen[];
}

/** What a window shows. The same window gives the same answer, whoever was listed first; nothing is drawn, asked or timed. */
export function classify(window: Window, bounds: Bounds = BOUNDS): Classification {
  const look = new Look(window, bounds);
  const unseen = unseenOf(look);
  if (tooShort(look))
    return { verdict: 'unknown', classes: [], hidden: unseen[0]?.hides ?? [], signals: [], unseen };
  const hidden = hiddenClasses(look);
  const signals = signalsOf(look);
  const classes = classesOf(look, signals).filter((finding) => !hidden.includes(finding.class));
  return { verdict: verdictOf(look, classes, hidden), classes, hidden, signals, unseen };
}

function verdictOf(
  { replicas }: Look,
  classes: readonly ClassFinding[],
  hidden: readonly IncidentClass[],
): Classification['verdict'] {
  if (classes.length > 0) return 'incident';
  const heard = replicas.filter(({ answered }) => answered.some(Boolean)).length;
  return hidden.length > 0 || heard * 2 <= replicas.length ? 'unknown' : 'none';
}
