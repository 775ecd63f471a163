/** Simulated worlds as data: a plan goes in, what happened comes out. */
export { drawPlan, loadedPlan } from './plan/draw.js';
export type { FaultKind, FaultPlan, OperationKind, Surroundings, Workload, WorldPlan } from './plan/plan.js';
export type { Violation } from './checks/verdict.js';
export { type Outcome, World } from './world/world.js';
