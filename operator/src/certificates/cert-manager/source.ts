import type { KeyPair } from '@aegis/client/certificates';
import { bundleOf, signerOf, type Certificate } from '../certificate.js';
import { leafOf, type Pair } from '../pair.js';
import type { Held, Holder, Source } from '../source.js';

/** What cert-manager has issued and what was found good. */
export type Issued = { readonly member: Pair; readonly client: Pair | undefined };

/** Certificates that somebody else issues: they can be taken, and no others be made. */
export class IssuedSource implements Source {
  readonly target: readonly Certificate[];
  readonly signer: Certificate;
  readonly #issued: Issued;

  constructor(issued: Issued) {
    this.#issued = issued;
    this.target = issued.member.authorities;
    const signer = signerOf(issued.member.chain, this.target);
    if (signer === undefined) throw new Error('a pair without a signer was taken for a good one');
    this.signer = signer;
  }

  replacement(holder: Holder, held: Held | undefined, by: Certificate): Promise<KeyPair | undefined> {
    const issued = this.#issued[holder];
    if (issued === undefined || signerOf(issued.chain, [by]) === undefined) return Promise.resolve(undefined);
    if (held !== undefined && leafOf(held.pair).digest === leafOf(issued).digest)
      return Promise.resolve(undefined);
    return Promise.resolve({ cert: bundleOf(issued.chain), key: issued.key });
  }
}
