import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  byName,
  finest,
  HARM,
  MEASURE_NAMES,
  measured,
  PRIMARY,
  type Measured,
} from '@aegis/agent/counterfactual';
import { readRecording, windowOf, type Window } from '@aegis/agent/telemetry';

import { mean } from '../judge.js';
import type { Pair } from './table.js';

export type Direction = 'better' | 'same' | 'worse';

/** What real processes showed. */
export interface Real {
  readonly direction: Direction;
  readonly before: number;
  readonly after: number;
}

/**
 * Out of recordings of real clusters, NAME.before*.jsonl and NAME.after*.jsonl, each from the beginning of the trace to its end. Undefined:
 * there are none of this pair. Throws RecordingError.
 */
export function realOf(pair: Pair, folder: string): Real | undefined {
  const of = (side: 'before' | 'after'): Window[] =>
    readdirSync(folder)
      .filter((file) => file.startsWith(`${pair.name}.${side}`) && file.endsWith('.jsonl'))
      .sort()
      .map((file) => windowOf(readRecording(readFileSync(join(folder, file), 'utf8'), join(folder, file))));
  const [before, after] = [of('before'), of('after')];
  if (before.length === 0 || after.length === 0) return undefined;
  return realDirection(pair, before, after);
}

/** One run of each shows the direction and no more: what recordings cannot tell apart is the same. */
export function realDirection(
  pair: Pick<Pair, 'class'>,
  before: readonly Window[],
  after: readonly Window[],
): Real {
  const { measure } = PRIMARY[pair.class];
  const meansOf = (windows: readonly Window[], of: (window: Window) => Measured): Measured => {
    const all = windows.map(of);
    return byName((name) => mean(all.map((each) => each[name])));
  };
  const [was, is, least] = [meansOf(before, measured), meansOf(after, measured), meansOf(before, finest)];
  const by = (name: (typeof MEASURE_NAMES)[number]): number => is[name] - was[name];
  const harmed = MEASURE_NAMES.some(
    (name) => name !== measure && by(name) > Math.max(HARM[name].by, HARM[name].share * was[name]),
  );
  const moved = Math.abs(by(measure)) > least[measure] ? Math.sign(by(measure)) : 0;
  const direction = harmed || moved > 0 ? 'worse' : moved < 0 ? 'better' : 'same';
  return { direction, before: was[measure], after: is[measure] };
}
