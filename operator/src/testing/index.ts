/** For tests of what the operator does to real processes: an API server, and a client of it. */
export { KubeClient } from '../kube/client.js';
export { RESOURCES } from '../kube/resource.js';
export { plainServer } from '../kube/server.js';
export { refuseQuestion } from '../recommendations/question.js';
export { TestApiServer } from './api-server.js';
export { sampleCluster } from './cluster.js';
export { FaultyProxy } from './faulty-proxy.js';
export { whyNotByMerge, whyNotFromSpec } from './settings.js';
