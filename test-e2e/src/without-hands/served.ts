import type { TlsOptions } from '@aegis/client';
import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';

const ANSWER_MS = 2_000;
const same = (bytes: Buffer): Buffer => bytes;

/** The methods that did not answer for themselves, though a certificate of the cluster was shown. */
export async function unserved(
  address: string,
  { ca, cert, key }: TlsOptions,
  methods: readonly string[],
): Promise<string[]> {
  const credential = credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert));
  const client = new Client(address, credential);
  const call = (path: string): Promise<status> =>
    new Promise((resolve) => {
      const stream = client.makeBidiStreamRequest(path, same, same, { deadline: Date.now() + ANSWER_MS });
      stream.on('data', () => resolve(status.OK));
      stream.on('error', (error: ServiceError) => resolve(error.code));
      stream.on('end', () => resolve(status.OK));
      stream.write(Buffer.alloc(0));
      stream.end();
    });
  const codes = await Promise.all(methods.map(call));
  client.close();
  const silent: readonly status[] = [status.UNAVAILABLE, status.UNIMPLEMENTED];
  return methods.filter((_, at) => silent.includes(codes[at]!));
}
