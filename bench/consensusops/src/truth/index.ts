/** What was true while a case was recorded: begin at log.ts; observer.ts is who looks on, clients.ts who asks. */
export { sharedMs } from './clock.js';
export type { Call, Demand, DiskSample, Keeper, Status, StatusSample, TruthLog } from './log.js';
export { untilQuiet, type NoiseSample } from './noise.js';
export { startObserver, type Seen } from './start-observer.js';
export { runningPids, type Target, type TargetMember } from './target.js';
