import { chmodSync, chownSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SOCKET_STATUS, SocketError } from './errors.js';
import { GitError } from './git.js';
import type { ConfigRepository } from './repository.js';
import { readAsked, type Asked } from './request.js';
import type { Standing, VerifyInput } from './standing.js';
import type { VerificationState } from './supervisor-socket.js';

/** A proposal has two files of some pages; the question of a verification may be as long as both. */
const BODY_BYTES_MAX = 2 * 1024 * 1024;
const CONNECTIONS_MAX = 16;
const REQUEST_MS = 30_000;
/** Writes of the agent within an hour: it has one proposal a family and one postmortem an incident. */
const WRITES_MAX = 240;
const HOUR_MS = 3_600_000;

export interface AgentServerParts {
  readonly repository: ConfigRepository;
  readonly standing: () => Standing;
  readonly verify: (input: VerifyInput) => Promise<VerificationState>;
  /** Monotonic milliseconds. */
  readonly clock?: () => number;
}

/**
 * The agent's only way to its supervisor: a Unix socket that answers what is asked about the repository, publishes branches under
 * aegis/tuning/, and starts verifications. There is no route that merges, applies, restarts or signals.
 */
export class AgentServer {
  private readonly server: Server;
  private readonly writes: number[] = [];
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: AgentServerParts) {
    this.server = createServer(
      { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
      (asked, answer) => {
        void this.answer(asked, answer);
      },
    );
    this.server.maxConnections = CONNECTIONS_MAX;
  }

  /** @param uid who may connect besides this process's own user; left out: nobody */
  async listen(path: string, uid?: number): Promise<void> {
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
    if (uid !== undefined) chownSync(path, uid, uid);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const said = await this.handle(await read(message));
      end(response, 200, said);
    } catch (error) {
      const refusal = refusalOf(error);
      end(response, SOCKET_STATUS[refusal.code], {
        error: { code: refusal.code, message: refusal.message.slice(0, 2_000) },
      });
    }
  }

  private async handle(asked: Asked): Promise<object> {
    const { repository, standing, verify } = this.parts;
    switch (asked.what) {
      case 'standing':
        return standing();
      case 'head':
        return { value: await repository.head(asked.branch) };
      case 'parent':
        return { value: await repository.parent(asked.commit) };
      case 'file':
        return { value: await repository.file(asked.commit, asked.path) };
      case 'message':
        return { value: await repository.message(asked.commit) };
      case 'merged':
        return { value: await repository.merged(asked.commit) };
      case 'conflicts':
        return { value: await repository.conflicts(asked.commit) };
      case 'write':
        return { value: await this.inTurn(() => repository.write(asked.change)) };
      case 'remove':
        await this.inTurn(() => repository.remove(asked.branch, asked.from));
        return {};
      case 'verify':
        return verify(asked.input);
    }
  }

  /** One write after the other, and not too many. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const nowMs = (this.parts.clock ?? performance.now.bind(performance))();
    while (this.writes.length > 0 && this.writes[0]! <= nowMs - HOUR_MS) this.writes.shift();
    if (this.writes.length >= WRITES_MAX)
      throw new SocketError('TooMany', `${WRITES_MAX} writes within an hour are more than an agent needs`);
    this.writes.push(nowMs);
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }
}

async function read(message: IncomingMessage): Promise<Asked> {
  const what = /^\/v1\/([a-z]+)$/.exec(message.url ?? '')?.[1];
  if (what === undefined || message.method !== 'POST')
    throw new SocketError('NotFound', 'there is nothing but POST /v1/…');
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of message as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > BODY_BYTES_MAX)
      throw new SocketError('TooLarge', `/v1/${what} takes at most ${BODY_BYTES_MAX} bytes`);
    pieces.push(piece);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw new SocketError('InvalidRequest', `the body of /v1/${what} is no JSON`);
  }
  return readAsked(what, body);
}

function end(response: ServerResponse, status: number, body: object): void {
  // What was not read of a request that is too long is not waited for.
  const headers = { 'content-type': 'application/json', connection: 'close' };
  response.writeHead(status, headers).end(JSON.stringify(body));
}

function refusalOf(error: unknown): SocketError {
  if (error instanceof SocketError) return error;
  const what = error instanceof GitError ? error.message : 'the supervisor failed at this';
  return new SocketError('Failed', what);
}
