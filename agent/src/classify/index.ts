/** From a window of telemetry to classes and signals; begin at classify.ts. The bounds with their reasons are in bounds.ts. */
export { BOUNDS, type Bounds } from './bounds.js';
export { type ClassFinding } from './classes.js';
export { classify, type Classification } from './classify.js';
export { explain } from './explain.js';
export { LAYERS, layerOf, SIGNALS, type Layer, type Signal, type SignalKind } from './signal.js';
export { TABLE, type Meaning } from './table.js';
export { type Unseen } from './unseen.js';
