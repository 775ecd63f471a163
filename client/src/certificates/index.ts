/** The certificates of a cluster, for whoever runs one: the supervisor here, the operator on Kubernetes. */
export { Authority, notAfterMs, type KeyPair, type Subject } from './authority.js';
