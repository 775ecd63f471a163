import { webcrypto, X509Certificate } from 'node:crypto';
import type * as x509Library from '@peculiar/x509';

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** An authority lives as long as a cluster on a desk may; what it signs is renewed at a start. */
export const AUTHORITY_DAYS_MAX = 3_650;
/** Browsers and libraries refuse what lives longer. */
export const CERTIFICATE_DAYS_MAX = 397;
/** A certificate is good before it is made, because the clocks of those who check it differ. */
const BACKDATED_MS = DAY_MS;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

type Library = typeof x509Library;

let loading: Promise<Library> | undefined;

/** Only who makes certificates loads what makes them: it takes a third of the time in which a command starts. */
function library(): Promise<Library> {
  return (loading ??= load());
}

async function load(): Promise<Library> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

/** A certificate and its private key as PEM texts. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** How long something lives, from when. */
export interface Lifetime {
  /** Whole or not, from a day to the largest; the largest is the default. */
  readonly days?: number;
  readonly now?: Date;
}

export interface Subject {
  /** The common name, for people. */
  readonly name: string;
  /** What the replicas take for the role: `aegis:replica`, `aegis:client` or `aegis:admin`. */
  readonly role: 'aegis:replica' | 'aegis:client' | 'aegis:admin';
  /** The names and addresses at which it serves; none for a client. */
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
}

/** A certificate authority of one cluster: ECDSA on P-256, as everything that it signs. */
export class Authority {
  private constructor(
    readonly pem: KeyPair,
    private readonly certificate: x509Library.X509Certificate,
    private readonly signingKey: webcrypto.CryptoKey,
  ) {}

  /** @param clusterId part of its name, so that two clusters' authorities can be told apart */
  static async create(clusterId: string, lifetime: Lifetime = {}): Promise<Authority> {
    const { madeMs, endMs } = spanOf(lifetime, AUTHORITY_DAYS_MAX);
    const x509 = await library();
    const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: [{ O: ['aegis'] }, { CN: [`aegis ${clusterId}`] }],
      notBefore: new Date(madeMs - BACKDATED_MS),
      notAfter: new Date(endMs),
      signingAlgorithm: SIGNATURE,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const pem = { cert: certificate.toString('pem'), key: await privatePem(keys.privateKey) };
    return new Authority(pem, certificate, keys.privateKey);
  }

  /** One that was made before. Throws if the texts are not a certificate and its key. */
  static async load(pem: KeyPair): Promise<Authority> {
    const x509 = await library();
    const der = x509.PemConverter.decodeFirst(pem.key);
    const key = await webcrypto.subtle.importKey('pkcs8', der, KEY, true, ['sign']);
    return new Authority(pem, new x509.X509Certificate(pem.cert), key);
  }

  /** A certificate never outlives its authority: it ends with it at the latest. */
  async issue(subject: Subject, lifetime: Lifetime = {}): Promise<KeyPair> {
    const { madeMs, endMs } = spanOf(lifetime, CERTIFICATE_DAYS_MAX);
    const x509 = await library();
    const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
    const names: x509Library.JsonGeneralNames = [
      ...(subject.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
      ...(subject.addresses ?? []).map((value) => ({ type: 'ip' as const, value })),
    ];
    // Replicas call each other: they are clients too.
    const usages = subject.role === 'aegis:replica' ? [SERVER_AUTH, CLIENT_AUTH] : [CLIENT_AUTH];
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ O: [subject.role] }, { CN: [subject.name] }],
      issuer: this.certificate.subject,
      notBefore: new Date(madeMs - BACKDATED_MS),
      notAfter: new Date(Math.min(endMs, this.certificate.notAfter.getTime())),
      signingAlgorithm: SIGNATURE,
      publicKey: keys.publicKey,
      signingKey: this.signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(usages),
        await x509.AuthorityKeyIdentifierExtension.create(this.certificate.publicKey),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    return { cert: certificate.toString('pem'), key: await privatePem(keys.privateKey) };
  }
}

/** When a certificate ends, in milliseconds since 1970. */
export function notAfterMs(cert: string): number {
  return Date.parse(new X509Certificate(cert).validTo);
}

/** When a certificate of an `Authority`, or its own, was made, in milliseconds since 1970. */
export function madeMs(cert: string): number {
  return Date.parse(new X509Certificate(cert).validFrom) + BACKDATED_MS;
}

function spanOf({ days, now = new Date() }: Lifetime, daysMax: number): { madeMs: number; endMs: number } {
  const asked = days ?? daysMax;
  if (!(asked >= 1 && asked <= daysMax))
    throw new RangeError(`a certificate of ${asked} days: from 1 to ${daysMax} can be issued`);
  const begun = now.getTime();
  return { madeMs: begun, endMs: begun + asked * DAY_MS };
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const x509 = await library();
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** 16 random bytes, positive. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
