/** A stretch of time in milliseconds; its end is no part of it. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The same time in spans that do not touch, in order; gaps of up to `gapMs` are closed. */
export function merged(spans: readonly Span[], gapMs = 0): Span[] {
  const result: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1);
    if (last !== undefined && fromMs - last.toMs <= gapMs) last.toMs = Math.max(last.toMs, toMs);
    else if (toMs > fromMs) result.push({ fromMs, toMs });
  }
  return result;
}

/** What of `spans` is in none of `others`. */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  let left: Span[] = merged(spans);
  for (const { fromMs, toMs } of merged(others))
    left = left.flatMap((span) =>
      [
        { fromMs: span.fromMs, toMs: Math.min(span.toMs, fromMs) },
        { fromMs: Math.max(span.fromMs, toMs), toMs: span.toMs },
      ].filter((part) => part.toMs > part.fromMs),
    );
  return left;
}

/** What of each is not before `fromMs`; those that touch stay apart. */
export function since(spans: readonly Span[], fromMs: number): Span[] {
  return spans.flatMap((span) =>
    span.toMs > fromMs ? [{ fromMs: Math.max(span.fromMs, fromMs), toMs: span.toMs }] : [],
  );
}

export function longestMs(spans: readonly Span[]): number {
  return Math.max(0, ...spans.map(({ fromMs, toMs }) => toMs - fromMs));
}

export function totalMs(spans: readonly Span[]): number {
  return merged(spans).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/** The seconds for which `holds` says yes, as spans. */
export function secondsSpans(seconds: readonly number[]): Span[] {
  return merged(seconds.map((second) => ({ fromMs: second * 1000, toMs: second * 1000 + 1000 })));
}
