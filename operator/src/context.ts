import type { Caches } from './cache/caches.js';
import type { Span } from './certificates/index.js';
import type { ConfigSources } from './config-source/index.js';
import type { Recorded } from './events/recorder.js';
import type { KubeClient } from './kube/client.js';
import type { KubeObject, ObjectRef } from './kube/object.js';
import type { OperatorPods } from './build/network-policy.js';
import type { MembersPort } from './observe/members-port.js';

/** What reconciling a cluster works with; one for all clusters of a process. */
export interface Context {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly members: MembersPort;
  readonly configSources: ConfigSources;
  /** The image of clusters that name none. */
  readonly memberImage: string;
  /** The image that has the verifier. */
  readonly verifierImage: string;
  /** Where the operator runs, for the network policy of the members. */
  readonly operatorPods: OperatorPods;
  /** The wall clock, for times that people read and for certificates. */
  readonly now: () => Date;
  /** Says on an object what was done to it. Never fails. */
  readonly record: (about: KubeObject, event: Recorded) => Promise<void>;
  readonly onStep: (kind: string) => void;
  /** The certificate of a cluster that ends first; undefined: the cluster is gone, or has none. */
  readonly onCertificates: (cluster: ObjectRef, ending: Span | undefined) => void;
  /** Aborts when this process is no longer the one that works. */
  readonly signal: AbortSignal;
}
