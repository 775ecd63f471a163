/** The simulated world as other workspaces see it: a cluster of real parts on simulated clocks, network and disks. */
export { EventQueue, inRealTurn } from './event-queue.js';
export { RealWorldTouched, withoutRealWorld } from './guard.js';
export type { ClusterObserver, Life } from './life.js';
export { MachineClock } from './machine-clock.js';
export { Random } from './random.js';
export { SimulatedCluster, type ClusterOptions } from './simulated-cluster.js';
export { SimulatedEnvironment } from './simulated-environment.js';
export { SimulatedMember, type DiskPace } from './simulated-member.js';
export { SimulatedNetwork, type LinkQuality, type Parcel } from './simulated-network.js';
export { damageProvenBatch } from '../log/disk-simulated-damage.js';
export { LogError } from '../log/index.js';
export { isJoint, MessageType, StateType, type Entry } from '../raft/index.js';
export { silentSnapshotEvents, type SnapshotEvents } from '../server/snapshot/events.js';
export { tickMs } from '../server/consensus.js';
export type { Applied, KvChange, StateEvent, StateMachine } from '../state/index.js';
