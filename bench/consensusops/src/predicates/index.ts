/** What was true of a case, by bounds that no method knows. Begin at bounds.ts, then judge.ts. */
export { BOUNDS, MARGIN } from './bounds.js';
export { beforeOf, callSeconds, lateSpans } from './clients.js';
export { mostTerms } from './elections.js';
export { judge, type Finding, type Verdict } from './judge.js';
export { since, totalMs } from './spans.js';
