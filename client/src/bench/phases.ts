/** Told what a benchmark does next, and for how many milliseconds if that is known. */
export type OnPhase = (what: string, ms?: number) => void;
