import { createPrivateKey, X509Certificate } from 'node:crypto';
import { experimental, type ServerCredentials } from '@grpc/grpc-js';

import { RefusedStart } from './exit.js';
import type { Logger } from './logger.js';
import { readTlsFiles, tlsFactsOf, type TlsFacts, type TlsFiles } from './tls.js';

/** How often the folder is looked at. Certificates are renewed long before they end. */
const LOOK_MS = 5_000;

/**
 * The certificates of a folder as they are now: when they are replaced there, connections that begin later use the new ones, and those
 * that are open stay. Files that do not belong together, or are none, change nothing.
 */
export class LiveTls implements TlsFiles {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #listeners = new Set<(files: TlsFiles) => void>();
  #files: TlsFiles;
  #facts: TlsFacts;
  /** What was refused last, so that it is told once. */
  #refused: string | undefined;

  /** Throws RefusedStart if a file cannot be read. */
  constructor(folder: string, logger: Logger, lookMs = LOOK_MS) {
    this.#folder = folder;
    this.#logger = logger;
    this.#files = readTlsFiles(folder);
    this.#facts = factsAtStart(folder, this.#files);
    // It goes on as long as the process does, and is no reason for that to go on.
    setInterval(() => this.#look(), lookMs).unref();
  }

  get ca(): Buffer {
    return this.#files.ca;
  }

  get cert(): Buffer {
    return this.#files.cert;
  }

  get key(): Buffer {
    return this.#files.key;
  }

  /** Of what is used now, not of what lies in the folder. */
  get facts(): TlsFacts {
    return this.#facts;
  }

  /** Called with what is there now, and with what replaces it. Returns how to end that. */
  follow(listener: (files: TlsFiles) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#files);
    return () => this.#listeners.delete(listener);
  }

  #look(): void {
    let files: TlsFiles;
    let facts: TlsFacts;
    try {
      files = readTlsFiles(this.#folder);
      if ((['ca', 'cert', 'key'] as const).every((name) => files[name].equals(this.#files[name]))) return;
      facts = tlsFactsOf(files);
      checkPair(files);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== this.#refused)
        this.#logger.warn('new certificates are not taken', { folder: this.#folder, why });
      this.#refused = why;
      return;
    }
    this.#refused = undefined;
    this.#files = files;
    this.#facts = facts;
    const { validTo, serialNumber } = new X509Certificate(files.cert);
    this.#logger.info('new certificates', { folder: this.#folder, serial: serialNumber, until: validTo });
    for (const listener of this.#listeners) listener(files);
  }
}

function factsAtStart(folder: string, files: TlsFiles): TlsFacts {
  try {
    return tlsFactsOf(files);
  } catch (error) {
    throw new RefusedStart('usage', `--tls: ${folder}: ${(error as Error).message}`);
  }
}

/** Throws unless the key is the certificate's. */
function checkPair({ cert, key }: TlsFiles): void {
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error('tls.key is not the key of tls.crt: both have to be replaced, the key first');
}

/** Server credentials for gRPC that follow the folder. A client must have a certificate. */
export function grpcCredentials(tls: LiveTls): ServerCredentials {
  const stops = new Map<unknown, () => void>();
  const follow = (key: unknown, listener: (files: TlsFiles) => void): void => {
    // The library counts on the first answer to come after it has asked: it is not listening before.
    queueMicrotask(() => stops.set(key, tls.follow(listener)));
  };
  const end = (key: unknown): void => {
    stops.get(key)?.();
    stops.delete(key);
  };
  const provider: experimental.CertificateProvider = {
    addCaCertificateListener: (listener) => follow(listener, ({ ca }) => listener({ caCertificate: ca })),
    removeCaCertificateListener: end,
    addIdentityCertificateListener: (listener) =>
      follow(listener, ({ cert, key }) => listener({ certificate: cert, privateKey: key })),
    removeIdentityCertificateListener: end,
  };
  return experimental.createCertificateProviderServerCredentials(provider, provider, true);
}
