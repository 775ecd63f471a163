/**
 * Tries what it is told to from within the agent's pod, and prints a line of JSON an attempt. It is handed to `node --eval` there, with its
 * targets as the last argument, and imports nothing but what the image has.
 */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type * as Grpc from '@grpc/grpc-js';
import type { Attempt } from './attempts.js';

/** One request over HTTP, with the identity that a file holds. */
export interface Asked {
  readonly what: string;
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly tokenFile: string;
  readonly caFile?: string;
  /** By these it is refused; any other answer is none. */
  readonly refusedBy: readonly number[];
}

export interface PodTargets {
  /** Where the image has its packages. */
  readonly modules: string;
  readonly methods: readonly string[];
  /** What each client port is, for people, and where. */
  readonly clientPorts: Readonly<Record<string, string>>;
  readonly peerPorts: readonly string[];
  readonly asked: readonly Asked[];
  /** A certificate of an authority of the agent's own making. */
  readonly selfMade: { readonly cert: string; readonly key: string };
}

const ANSWER_MS = 5_000;
const AT_A_TIME = 8;
const targets = JSON.parse(process.argv.at(-1)!) as PodTargets;

function tell(what: string, refused: boolean, how: string): void {
  const attempt: Attempt = { what, refused, how: how.split('\n')[0]!.slice(0, 160) };
  process.stdout.write(`${JSON.stringify(attempt)}\n`);
}

async function callAll(name: string, address: string): Promise<void> {
  const { Client, credentials, status } = createRequire(targets.modules)('@grpc/grpc-js') as typeof Grpc;
  const { cert, key } = targets.selfMade;
  const anyServer = { rejectUnauthorized: false };
  const own = credentials.createSsl(null, Buffer.from(key), Buffer.from(cert), anyServer);
  const ways: [string, Grpc.ChannelCredentials][] = [
    ['without a certificate', credentials.createSsl(null, null, null, anyServer)],
    ['with a certificate of its own', own],
    ['in plain text', credentials.createInsecure()],
  ];
  for (const [way, credential] of ways) {
    const client = new Client(address, credential);
    const same = (bytes: Buffer): Buffer => bytes;
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
    const codes = await Promise.all(targets.methods.map(call));
    // Packets that are dropped end with the deadline; any other status was said by the service itself: the call had come through the door.
    const refused: readonly Grpc.status[] = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED];
    codes.forEach((code, at) =>
      tell(`${targets.methods[at]} of ${name} ${way}`, refused.includes(code), status[code]),
    );
    client.close();
  }
}

/** What a peer says to whoever greets it without a certificate: nothing but the end, if it can be reached at all. */
async function greet(address: string, tls: boolean): Promise<void> {
  const at = address.lastIndexOf(':');
  const place = { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
  const how = await new Promise<string | undefined>((resolve) => {
    const socket = tls ? connectTls({ ...place, rejectUnauthorized: false }) : connect(place);
    socket.once('data', () => resolve(undefined));
    socket.once('error', ({ message }) => resolve(message));
    socket.once('close', () => resolve('closed without a word'));
    socket.setTimeout(ANSWER_MS, () => resolve(socket.connecting ? 'no connection' : undefined));
    socket.write('hello');
  });
  tell(`peer port ${address} ${tls ? 'by TLS' : 'in plain text'}`, how !== undefined, how ?? 'it answers');
}

async function ask(asked: Asked): Promise<void> {
  const { what, url, method, headers, body, tokenFile, caFile, refusedBy } = asked;
  const { code, said } = await new Promise<{ code: number; said: string }>((resolve) => {
    const request = url.startsWith('https:') ? requestTls : requestPlain;
    const sent = request(
      url,
      {
        method,
        timeout: ANSWER_MS,
        ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
        headers: {
          authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
          'content-type': 'application/json',
          'user-agent': 'aegis-agent',
          ...headers,
        },
      },
      (answer) => {
        let text = '';
        answer.on('data', (piece: Buffer) => (text += piece.toString()));
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, said: text }));
      },
    );
    sent.on('error', ({ message }) => resolve({ code: 0, said: message }));
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
  tell(what, refusedBy.includes(code), `${code} ${said.replaceAll(/\s+/g, ' ')}`);
}

for (const [name, address] of Object.entries(targets.clientPorts)) await callAll(name, address);
for (const address of targets.peerPorts) for (const tls of [true, false]) await greet(address, tls);
const left = targets.asked.values();
await Promise.all(
  Array.from({ length: AT_A_TIME }, async () => {
    for (const each of left) await ask(each);
  }),
);
process.exit(0);
