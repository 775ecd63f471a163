import type { KeyPair } from '@aegis/client/certificates';
import type { Certificate } from './certificate.js';
import type { Pair, Secret } from './pair.js';

/** Who holds a certificate: all members share one, and all clients of the Secret for applications. */
export type Holder = 'member' | 'client';

export const ROLES = { member: 'aegis:replica', client: 'aegis:client' } as const;

/** A holder's Secret, with what could be read in it. */
export interface Held {
  readonly secret: Secret;
  readonly pair: Pair;
}

/** Where certificates come from: the operator's own authority, or cert-manager. */
export interface Source {
  /** The authorities that are to be trusted in the end. */
  readonly target: readonly Certificate[];
  /** The one of them that signs what is new. */
  readonly signer: Certificate;
  /** What is to take the place of what a holder has; undefined: nothing, or there is none by this authority now. */
  replacement(holder: Holder, held: Held | undefined, by: Certificate): Promise<KeyPair | undefined>;
}

/** Something that keeps the certificates from being as wanted, for the status. */
export interface Problem {
  /** One word for programs. */
  readonly reason: string;
  /** What is wrong and what to do, as sentences for people. */
  readonly message: string;
}
