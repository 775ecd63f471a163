/**
 * What runs in the pod of a client: it writes, holds a lock and takes another one over and over, and says over HTTP how that went.
 * It imports nothing but the client and Node, so that its compiled text can be mounted into the image of AEGIS as it is.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { connect, type Client, type Held } from '@aegis/client';

const PORT = 9000;
const TLS = '/tls';
/** Between two writes of the one writer, and between two takings of the lock. */
const WRITE_PAUSE_MS = 5;
const TAKE_PAUSE_MS = 50;
const LISTED_ERRORS_MAX = 20;
const PREFIX = 'written/';

/** An error that a caller would have to handle. */
interface Failure {
  readonly atMs: number;
  readonly doing: string;
  readonly code: string;
  readonly message: string;
}

/** How the client fares: times are milliseconds of the wall clock of the machine. */
export interface Report {
  readonly nowMs: number;
  /** Writes acknowledged in all. */
  readonly acknowledged: number;
  /** Since the asked time: the longest time between two acknowledgements, and when it began. */
  readonly longestGap: { readonly ms: number; readonly fromMs: number };
  /** Since the asked time. */
  readonly failures: readonly Failure[];
  readonly held: { readonly token: number; readonly valid: boolean };
  /** Fencing tokens of the lock that is taken over and over. */
  readonly tokens: { readonly grants: number; readonly last: number; readonly fell: number };
}

/** What the cluster has of all that was acknowledged. */
export interface Check {
  readonly acknowledged: number;
  /** Acknowledged, and not there, or with another value. */
  readonly lost: readonly string[];
}

/** One writer: as soon as a write is acknowledged, the next one goes out under the next key. */
class Writer {
  readonly times: number[] = [];
  readonly acknowledged: number[] = [];
  #next = 0;

  constructor(
    readonly client: Client,
    readonly failures: Failure[],
  ) {}

  async run(): Promise<never> {
    let session = this.client.session();
    for (;;) {
      const number = this.#next++;
      try {
        await session.kv.put(keyOf(number), String(number));
        this.acknowledged.push(number);
        this.times.push(Date.now());
      } catch (error) {
        this.failures.push(failure('put', error));
        session = this.client.session();
      }
      await sleep(WRITE_PAUSE_MS);
    }
  }

  /** The longest time without an acknowledgement that ends after `sinceMs`, the one that goes on now among them. */
  longestGap(sinceMs: number): { ms: number; fromMs: number } {
    let longest = { ms: 0, fromMs: sinceMs };
    let last = this.times[0] ?? sinceMs;
    for (const atMs of [...this.times, Date.now()]) {
      if (atMs >= sinceMs && atMs - last > longest.ms) longest = { ms: atMs - last, fromMs: last };
      last = atMs;
    }
    return longest;
  }

  async check(): Promise<Check> {
    const acknowledged = [...this.acknowledged];
    const there = new Map<string, string>();
    for await (const { key, value } of this.client.kv.range({ prefix: PREFIX }))
      there.set(String(key), String(value));
    const lost = acknowledged.filter((number) => there.get(keyOf(number)) !== String(number)).map(keyOf);
    return { acknowledged: acknowledged.length, lost };
  }
}

/** Holds one lock all the time: a hold that is lost is not taken again. */
class Holder {
  held: Held | undefined;

  async run(client: Client): Promise<void> {
    this.held = await client.session().lock('held').acquire();
  }
}

/** Takes a lock and gives it back, over and over: each token must be larger than the one before. */
class Taker {
  grants = 0;
  last = 0;
  fell = 0;

  constructor(readonly failures: Failure[]) {}

  async run(client: Client): Promise<never> {
    for (;;) {
      try {
        await client.lock.run('taken', ({ token }) => {
          if (token <= this.last) this.fell++;
          this.last = token;
          this.grants++;
        });
      } catch (error) {
        this.failures.push(failure('lock', error));
      }
      await sleep(TAKE_PAUSE_MS);
    }
  }
}

function keyOf(number: number): string {
  return `${PREFIX}${String(number).padStart(9, '0')}`;
}

/** What is wrong with a lease of so many milliseconds; nothing: it was granted, and is given back. */
async function grant(client: Client, ttlMs: number): Promise<{ refused: string }> {
  try {
    const { lease } = await client.leases.grant(ttlMs);
    await client.leases.revoke(lease);
    return { refused: '' };
  } catch (error) {
    const { code, message } = failure('grant', error);
    return { refused: `${code} ${message}` };
  }
}

function failure(doing: string, error: unknown): Failure {
  const { code, message } = error as { code?: string; message: string };
  return { atMs: Date.now(), doing, code: code ?? '', message };
}

function main(endpoints: readonly string[]): void {
  const read = (name: string): string => readFileSync(`${TLS}/${name}`, 'utf8');
  const tls = { ca: read('ca.crt'), cert: read('tls.crt'), key: read('tls.key') };
  const clients = { writer: connect({ endpoints, tls }), holder: connect({ endpoints, tls }) };
  const failures: Failure[] = [];
  const writer = new Writer(clients.writer, failures);
  const holder = new Holder();
  const taker = new Taker(failures);
  const end = (error: unknown): never => {
    console.error(error);
    process.exit(1);
  };
  writer.run().catch(end);
  holder.run(clients.holder).catch(end);
  taker.run(clients.holder).catch(end);

  const report = (sinceMs: number): Report => ({
    nowMs: Date.now(),
    acknowledged: writer.acknowledged.length,
    longestGap: writer.longestGap(sinceMs),
    failures: failures.filter(({ atMs }) => atMs >= sinceMs).slice(0, LISTED_ERRORS_MAX),
    held: { token: holder.held?.token ?? 0, valid: holder.held?.valid ?? false },
    tokens: { grants: taker.grants, last: taker.last, fell: taker.fell },
  });
  createServer((request, reply) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://here');
    const answer = async (): Promise<object> => {
      if (pathname === '/check') return writer.check();
      if (pathname === '/grant') return grant(clients.holder, Number(searchParams.get('ttl')));
      return report(Number(searchParams.get('since') ?? 0));
    };
    answer().then(
      (value) => reply.end(JSON.stringify(value)),
      (error: unknown) => reply.writeHead(500).end(String(error)),
    );
  }).listen(PORT);
  process.on('SIGTERM', () => process.exit(0));
}

main((process.env['AEGIS_ENDPOINTS'] ?? '').split(','));
