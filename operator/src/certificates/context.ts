import type { AegisCluster } from '@aegis/crds';
import type { Recorded } from '../events/recorder.js';
import type { KubeClient } from '../kube/client.js';
import type { ObjectRef } from '../kube/object.js';
import type { AdminCertificates, AdminCredentials } from './admin.js';
import type { Requests } from './cert-manager/requests.js';
import type { Secret } from './pair.js';
import type { PodTls } from './rotation.js';
import type { Problem } from './source.js';

/** What the keeping of certificates needs of the world. */
export interface CertificatesContext {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
  /** A Secret as it was last heard of; who writes one that was written since gets a conflict. */
  readonly readSecret: (ref: ObjectRef) => Promise<Secret | undefined>;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Part of the names of authorities, so that two clusters' can be told apart. */
  readonly clusterId: string;
  /** As `cluster.local`. */
  readonly clusterDomain: string;
  /** What each pod of the cluster that has a node tells at /member; one that does not answer is listed, too. */
  readonly tellTls: (cluster: AegisCluster) => Promise<readonly PodTls[]>;
  readonly admins: AdminCertificates;
  readonly requests: Requests;
  readonly record: (cluster: AegisCluster, event: Recorded) => Promise<void>;
}

/** From when until when a certificate is good, in milliseconds since 1970. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** How the certificates of a cluster are. */
export interface CertificatesOutcome {
  /** Whether there are certificates that members can be started with. */
  readonly usable: boolean;
  /** Of the certificates in use, members', clients' or their authority's, the one that ends first. */
  readonly ending: Span | undefined;
  readonly problem: Problem | undefined;
  /** A rotation of the authority that is under way, as a sentence. */
  readonly rotation: string | undefined;
  /** In how many milliseconds to look again at the latest. */
  readonly againMs: number;
  /** What the operator shows to members, as their admin; undefined: there is nothing that they would trust. */
  readonly admin: AdminCredentials | undefined;
}
