import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as x509 from '@peculiar/x509';

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const DAYS = 30;
const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;

x509.cryptoProvider.set(webcrypto);

/** Whom a certificate names: to Kubernetes, a user and its groups. */
export interface Named {
  readonly user: string;
  readonly group?: string;
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
}

/** Two files in PEM. */
export interface PairFiles {
  readonly cert: string;
  readonly key: string;
}

/** The certificate authority of a Kubernetes; what it signs lies in its folder. */
export class ClusterAuthority {
  private constructor(
    readonly folder: string,
    readonly files: PairFiles,
    private readonly certificate: x509.X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {}

  static async create(folder: string): Promise<ClusterAuthority> {
    const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: ['kubernetes-for-tests'] }],
      ...validity(),
      signingAlgorithm: SIGNATURE,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const files = await write(folder, 'ca', certificate, keys.privateKey);
    return new ClusterAuthority(folder, files, certificate, keys);
  }

  /** A certificate for both ends of a connection, and its key, as the files `<name>.crt` and `<name>.key`. */
  async issue(name: string, { user, group, dnsNames = [], addresses = [] }: Named): Promise<PairFiles> {
    const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
    const names: x509.JsonGeneralNames = [
      ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
      ...addresses.map((value) => ({ type: 'ip' as const, value })),
    ];
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [...(group === undefined ? [] : [{ O: [group] }]), { CN: [user] }],
      issuer: this.certificate.subject,
      ...validity(),
      signingAlgorithm: SIGNATURE,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([serverAuth, clientAuth]),
        await x509.AuthorityKeyIdentifierExtension.create(this.certificate.publicKey),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    return write(this.folder, name, certificate, keys.privateKey);
  }

  /** The pair of keys that signs the tokens of service accounts: `<name>.key` and `<name>.pub`. */
  async keyPair(name: string): Promise<{ readonly key: string; readonly pub: string }> {
    const { privateKey, publicKey } = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
    const files = { key: join(this.folder, `${name}.key`), pub: join(this.folder, `${name}.pub`) };
    writeFileSync(files.key, await privatePem(privateKey), { mode: 0o600 });
    const pub = await webcrypto.subtle.exportKey('spki', publicKey);
    writeFileSync(files.pub, x509.PemConverter.encode(pub, 'PUBLIC KEY'));
    return files;
  }
}

function validity() {
  const nowMs = Date.now();
  const serialNumber = Buffer.from([0x40, ...webcrypto.getRandomValues(new Uint8Array(15))]).toString('hex');
  return {
    serialNumber,
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + DAYS * DAY_MS),
  };
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

async function write(
  folder: string,
  name: string,
  certificate: x509.X509Certificate,
  key: webcrypto.CryptoKey,
): Promise<PairFiles> {
  const files = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  writeFileSync(files.cert, certificate.toString('pem'));
  writeFileSync(files.key, await privatePem(key), { mode: 0o600 });
  return files;
}
