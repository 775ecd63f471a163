/** What the paper takes of `make bench-ops JSON=1`. */
export interface BenchOps {
  readonly sets: readonly string[];
  readonly incidents: number;
  readonly controls: number;
  readonly confounded: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly withoutCase: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly methods: readonly Method[];
  readonly latency: {
    readonly medianMs: number | null;
    readonly never: number;
    readonly eachMs: readonly (number | null)[];
  };
}

export interface Method {
  readonly method: string;
  readonly scores: Readonly<Record<string, Score>>;
  readonly behind: { readonly exact: Difference; readonly top1: Difference } | null;
}

export interface Score {
  readonly exact: Share;
  readonly top1: Share;
  readonly top3: Share;
  readonly falseAlarms: Share;
  readonly macroF1: number;
  readonly pathF1: number;
  readonly brier: number;
}

export interface Share {
  readonly right: number;
  readonly of: number;
  readonly interval: { readonly low: number; readonly high: number };
}

export interface Difference {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** The score of a method as recorded, a scrape a second. */
export function asRecorded(method: Method): Score {
  const score = method.scores['1000'];
  if (score === undefined) throw new Error(`${method.method}: no score for a scrape a second`);
  return score;
}
