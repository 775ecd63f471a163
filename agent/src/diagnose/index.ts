/** What is at fault, and what came of it. */
export {
  CLASSES,
  EFFECTS,
  FAULTS,
  placeKey,
  samePlace,
  type Effect,
  type EffectKind,
  type FaultKind,
  type IncidentClass,
  type Where,
} from './cause.js';
export { diagnose, type Cause, type Diagnosis } from './diagnose.js';
export { WEIGHTS, type Weights } from './rank.js';
