import { Authority, type KeyPair, type Subject } from '@aegis/client/certificates';
import type { AegisCluster } from '@aegis/crds';
import { isWished, ROTATE_CERTIFICATES } from '../annotations.js';
import { signerOf, type Certificate } from '../certificate.js';
import { dueMs } from '../lifetime.js';
import { demandedHosts, servedNames } from '../names.js';
import { flawOf, leafOf } from '../pair.js';
import { ROLES, type Held, type Holder, type Source } from '../source.js';
import type { Authorities } from './authority-secret.js';

/** Certificates by the operator's own authority: issued when they are wanted. */
export class OwnSource implements Source {
  readonly target: readonly Certificate[];
  readonly signer: Certificate;
  readonly #cluster: AegisCluster;
  readonly #authorities: Authorities;
  readonly #nowMs: number;
  readonly #clusterDomain: string;

  constructor(cluster: AegisCluster, authorities: Authorities, nowMs: number, clusterDomain: string) {
    this.signer = authorities.newest.certificate;
    this.target = [this.signer];
    this.#cluster = cluster;
    this.#authorities = authorities;
    this.#nowMs = nowMs;
    this.#clusterDomain = clusterDomain;
  }

  async replacement(holder: Holder, held: Held | undefined, by: Certificate): Promise<KeyPair | undefined> {
    if (held !== undefined && this.#isGood(holder, held, by)) return undefined;
    const { newest, old } = this.#authorities;
    const signing = [newest, old].find((each) => each?.certificate.digest === by.digest);
    if (signing === undefined) return undefined;
    const authority = await Authority.load(signing.pem);
    const lifetime = { days: this.#cluster.spec.tls.certificateDays, now: new Date(this.#nowMs) };
    return authority.issue(this.#subject(holder), lifetime);
  }

  /** When a certificate of this source is to be renewed, in milliseconds since 1970. */
  dueMs(holder: Holder, leaf: Certificate): number {
    return dueMs(this.#cluster, holder, leaf, this.#cluster.spec.tls.certificateDays);
  }

  #isGood(holder: Holder, { secret, pair }: Held, by: Certificate): boolean {
    const hosts = holder === 'member' ? demandedHosts(this.#cluster) : [];
    if (signerOf(pair.chain, [by]) === undefined) return false;
    if (flawOf(pair, { role: ROLES[holder], hosts, nowMs: this.#nowMs }) !== undefined) return false;
    if (isWished(ROTATE_CERTIFICATES, this.#cluster, secret.metadata)) return false;
    return this.#nowMs < this.dueMs(holder, leafOf(pair));
  }

  #subject(holder: Holder): Subject {
    const { name } = this.#cluster.metadata;
    const subject = { name: `${name}-${holder}`, role: ROLES[holder] };
    return holder === 'member' ? { ...subject, ...servedNames(this.#cluster, this.#clusterDomain) } : subject;
  }
}
