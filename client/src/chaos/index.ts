/** Faults and load by a trace, for whoever has a cluster to do them to. */
export { libraryNames, loadTrace } from './library.js';
export { inject, OrderError } from './local/fault-channel.js';
export { LocalStage } from './local/local-stage.js';
export { startOwnCluster, type OwnCluster } from './local/own-cluster.js';
export { Cast } from './run/cast.js';
export { Director, type Done } from './run/director.js';
export { runTrace, type RunOptions, type RunResult } from './run/run-trace.js';
export { timelineOf } from './run/timeline.js';
export type { Second, Sli } from './run/sli.js';
export type { Order, Stage } from './run/stage.js';
export { TraceError, type TraceProblem } from './trace/errors.js';
export { readTrace } from './trace/read-trace.js';
export type { Fault, FaultEntry, Load, LoadEntry, Trace } from './trace/trace.js';
