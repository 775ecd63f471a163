/** The certificates of a cluster, for whoever runs one: the supervisor here, the operator on Kubernetes. */
export {
  Authority,
  AUTHORITY_DAYS_MAX,
  CERTIFICATE_DAYS_MAX,
  madeMs,
  notAfterMs,
  type KeyPair,
  type Lifetime,
  type Subject,
} from './authority.js';
export { readTls } from './store.js';
