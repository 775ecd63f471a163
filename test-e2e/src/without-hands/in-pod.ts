/**
 * Tries what it is told to from within the agent's pod, and prints a line of JSON an attempt. It is handed to `node --eval` there, with its
 * targets as the last argument, and imports nothing but what the image has.
 */
import { readFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Attempt } from './attempts.js';
import type * as Doors from './doors.js';

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
  /** `doors.js` as an address to import. */
  readonly doors: string;
  /** A file beside the packages of the image. */
  readonly packages: string;
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

const { callAll, greet } = (await import(targets.doors)) as typeof Doors;
const { clientPorts, methods, packages, peerPorts, selfMade } = targets;
for (const [name, address] of Object.entries(clientPorts))
  for (const { what, refused, how } of await callAll(packages, address, methods, selfMade))
    tell(`${what} of ${name}`, refused, how);
for (const address of peerPorts)
  for (const { what, refused, how } of await greet(address)) tell(what, refused, how);
const left = targets.asked.values();
await Promise.all(
  Array.from({ length: AT_A_TIME }, async () => {
    for (const each of left) await ask(each);
  }),
);
process.exit(0);
