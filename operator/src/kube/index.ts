/** The Kubernetes API for others than the operator: a client, caches that follow it, and the election by a Lease. */
export { Cache } from '../cache/cache.js';
export { LeaderElection } from '../election/leader-election.js';
export { KubeClient } from './client.js';
export { ApiError, isAlreadyThere, isConflict, isNotFound } from './errors.js';
export { keyOf, type KubeObject, type ObjectRef } from './object.js';
export { RESOURCES, type ObjectOf, type ResourceType } from './resource.js';
export { configuredServer, plainServer, type ApiServer } from './server.js';
export { sameStatus } from './status.js';
