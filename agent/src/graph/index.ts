/** observe → classify → diagnose → propose → decide → verify → publish → postmortem; begin at loop.ts. */
export { followUp } from './follow.js';
export type { Opinion } from './opinion.js';
export { type KeptSignal, type Measured } from './seen.js';
export {
  runIncident,
  STEPS,
  type Explained,
  type Incident,
  type LoopParts,
  type Result,
  type Step,
  type Unverified,
} from './loop.js';
