/**
 * Knocks at the doors of members with nothing to show. It is handed as text to what is started with the agent's identity, here and in its pod, and
 * imports nothing but Node and, from where it is told, gRPC.
 */
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type * as Grpc from '@grpc/grpc-js';

const ANSWER_MS = 10_000;

export interface Knock {
  readonly what: string;
  readonly refused: boolean;
  readonly how: string;
}

/** A certificate of an authority of the caller's own making. */
export interface SelfMade {
  readonly cert: string;
  readonly key: string;
}

/**
 * Calls every method of a client port: without a certificate, with one of the caller's own making, and in plain text.
 *
 * @param packages a file beside the packages, gRPC among them
 */
export async function callAll(
  packages: string,
  address: string,
  methods: readonly string[],
  { cert, key }: SelfMade,
): Promise<readonly Knock[]> {
  const { Client, credentials, status } = createRequire(packages)('@grpc/grpc-js') as typeof Grpc;
  const anyServer = { rejectUnauthorized: false };
  const own = credentials.createSsl(null, Buffer.from(key), Buffer.from(cert), anyServer);
  const ways: readonly (readonly [string, Grpc.ChannelCredentials])[] = [
    ['without a certificate', credentials.createSsl(null, null, null, anyServer)],
    ['with a certificate of its own', own],
    ['in plain text', credentials.createInsecure()],
  ];
  const same = (bytes: Buffer): Buffer => bytes;
  const knocks: Knock[] = [];
  for (const [way, credential] of ways) {
    const client = new Client(address, credential);
    const call = (path: string): Promise<Grpc.status> =>
      new Promise((resolve) => {
        const options = { deadline: Date.now() + ANSWER_MS } as Grpc.CallOptions;
        const stream = client.makeBidiStreamRequest(path, same, same, options);
        stream.on('data', () => resolve(status.OK));
        stream.on('error', () => undefined);
        stream.on('status', ({ code }) => resolve(code));
        stream.write(Buffer.alloc(0));
        stream.end();
      });
    const codes = await Promise.all(methods.map(call));
    // Any other status was said by the service itself: the call had come through the door.
    codes.forEach((code, at) => {
      const refused = code === status.UNAVAILABLE;
      knocks.push({ what: `${methods[at]} ${way}`, refused, how: status[code] });
    });
    client.close();
  }
  return knocks;
}

/** What a peer says to whoever greets it without a certificate, by TLS and in plain text: it must be nothing but the end. */
export async function greet(address: string): Promise<readonly Knock[]> {
  const at = address.lastIndexOf(':');
  const place = { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
  const knocks: Knock[] = [];
  for (const tls of [true, false]) {
    const how = await new Promise<string | undefined>((resolve) => {
      const socket = tls ? connectTls({ ...place, rejectUnauthorized: false }) : connect(place);
      socket.once('data', () => resolve(undefined));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(`${error.code} ${error.message}`));
      socket.once('close', () => resolve('closed without a word'));
      socket.setTimeout(ANSWER_MS, () => resolve(undefined));
      socket.write('hello');
    });
    const what = `peer port ${address} ${tls ? 'by TLS' : 'in plain text'}`;
    knocks.push({ what, refused: how !== undefined, how: how ?? 'it answers, or stays' });
  }
  return knocks;
}
