import { SIGNALS, type Signal } from '../classify/index.js';
import { placeKey } from '../diagnose/index.js';

const TEXTS_MAX = 16;

/** What was seen, with its numbers, for people. */
export function evidenceTexts(signals: readonly Signal[]): readonly string[] {
  return signals.slice(0, TEXTS_MAX).map(({ kind, at, feature, unit, worst, bound }) => {
    return `${SIGNALS[kind].text} at ${placeKey(at)}: ${feature} ${number(worst)} ${unit}, bound ${number(bound)}`;
  });
}

function number(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 1000) / 1000) : 'unknown';
}
