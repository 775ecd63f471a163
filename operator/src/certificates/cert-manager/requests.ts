import type { AegisCluster } from '@aegis/crds';
import { createHash } from 'node:crypto';
import { isNotFound } from '../../kube/errors.js';
import { holds } from '../../reconcile/holds.js';
import type { CertificatesContext } from '../context.js';
import { ASKED, buildCertificate } from './build.js';
import { CERTIFICATES } from './resource.js';

/** How often requests are looked at that somebody else might have changed, in milliseconds. */
const LOOK_MS = 600_000;
/** Of clusters that were not asked for longest it is forgotten. */
const KEPT_MAX = 4_096;

interface Made {
  readonly digest: string;
  readonly atMs: number;
}

/** The requests to cert-manager. It is remembered which are there, so that a look at a cluster does not ask for each. */
export class Requests {
  readonly #made = new Map<string, Made>();

  /** Makes them as they are to be. A text: why nobody will answer them. */
  async make(
    { client, signal, clusterDomain, nowMs }: CertificatesContext,
    cluster: AegisCluster,
  ): Promise<string | undefined> {
    const wanted = ASKED.map((each) => buildCertificate(cluster, each, clusterDomain));
    const key = cluster.metadata.uid ?? cluster.metadata.name;
    const digest = createHash('sha256').update(JSON.stringify(wanted)).digest('hex');
    const made = this.#made.get(key);
    if (made?.digest === digest && nowMs() - made.atMs < LOOK_MS) return undefined;
    try {
      for (const each of wanted) {
        const there = await client.get(CERTIFICATES, each.metadata, signal);
        if (there === undefined || !holds(there, each)) await client.apply(CERTIFICATES, each, { signal });
      }
    } catch (error) {
      // Of a kind that is not there nothing is found, and nothing can be made.
      if (!isNotFound(error)) throw error;
      return 'the kind Certificate of cert-manager.io/v1 is not there: install cert-manager';
    }
    this.#made.delete(key);
    this.#made.set(key, { digest, atMs: nowMs() });
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= KEPT_MAX) break;
      this.#made.delete(oldest);
    }
    return undefined;
  }
}
