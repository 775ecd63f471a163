import { X509Certificate } from 'node:crypto';

/** A certificate as it lies in a Secret, and what is read from it. */
export interface Certificate {
  readonly pem: string;
  readonly x509: X509Certificate;
  /** SHA-256 of it in hex, as members tell it at `/member`. */
  readonly digest: string;
  /** From when and until when it is good, in milliseconds since 1970. */
  readonly startMs: number;
  readonly endMs: number;
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** More in one file is taken for a mistake. */
const CERTIFICATES_MAX = 32;

/** All certificates of a PEM text, in its order. Throws if there is none, or one cannot be read. */
export function readCertificates(text: string): Certificate[] {
  const found = text.match(PEM) ?? [];
  if (found.length === 0) throw new Error('holds no certificate');
  if (found.length > CERTIFICATES_MAX)
    throw new Error(`holds ${found.length} certificates, more than ${CERTIFICATES_MAX}`);
  return found.map((pem) => {
    const x509 = new X509Certificate(pem);
    const digest = x509.fingerprint256.replaceAll(':', '').toLowerCase();
    const [startMs, endMs] = [x509.validFromDate.getTime(), x509.validToDate.getTime()];
    return { pem: `${pem}\n`, x509, digest, startMs, endMs };
  });
}

/** One after the other, as `ca.crt` holds them. */
export function bundleOf(certificates: readonly Certificate[]): string {
  return certificates.map(({ pem }) => pem).join('');
}

/** The same certificates in the same order, each once. */
export function withoutRepeats(certificates: readonly Certificate[]): Certificate[] {
  return [...new Map(certificates.map((each) => [each.digest, each])).values()];
}

export function holds(certificates: readonly Certificate[], { digest }: Certificate): boolean {
  return certificates.some((each) => each.digest === digest);
}

/**
 * Which of the authorities a chain leads to.
 * @param chain the certificate first, then those between it and the authority
 */
export function signerOf(
  chain: readonly Certificate[],
  authorities: readonly Certificate[],
): Certificate | undefined {
  let [subject] = chain;
  const between = chain.slice(1);
  for (let links = 0; subject !== undefined && links < chain.length; links++) {
    const below = subject;
    const signer = authorities.find((authority) => signed(authority, below));
    if (signer !== undefined) return signer;
    subject = between.find((each) => each !== below && signed(each, below));
  }
  return undefined;
}

function signed(authority: Certificate, subject: Certificate): boolean {
  if (!authority.x509.ca) return false;
  return subject.x509.checkIssued(authority.x509) && subject.x509.verify(authority.x509.publicKey);
}
