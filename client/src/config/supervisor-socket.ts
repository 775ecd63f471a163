import { request } from 'node:http';
import { SOCKET_STATUS, SocketError, type SocketErrorCode } from './errors.js';
import type { BranchChange, ConfigRepository } from './repository.js';
import type { HeldVerification, Standing, VerifyInput } from './standing.js';

export { SocketError } from './errors.js';

const ANSWER_MS = 30_000;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** What is known of a verification: it runs, or its result, as the verifier wrote it or why there is none. */
export type VerificationState =
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly result: Readonly<Record<string, unknown>> | HeldVerification };

/** The supervisor of a cluster on this machine, as the agent reaches it. All throw SocketError. */
export class SupervisorSocket implements ConfigRepository {
  constructor(private readonly path: string) {}

  standing(): Promise<Standing> {
    return this.ask('standing', {});
  }

  async head(branch: string): Promise<string | undefined> {
    return (await this.ask<{ value?: string }>('head', { branch })).value;
  }

  async parent(commit: string): Promise<string | undefined> {
    return (await this.ask<{ value?: string }>('parent', { commit })).value;
  }

  async file(commit: string, path: string): Promise<string | undefined> {
    return (await this.ask<{ value?: string }>('file', { commit, path })).value;
  }

  async message(commit: string): Promise<string> {
    return (await this.ask<{ value: string }>('message', { commit })).value;
  }

  async merged(commit: string) {
    return (await this.ask<{ value?: { commit: string; by: string } }>('merged', { commit })).value;
  }

  async conflicts(commit: string): Promise<boolean> {
    return (await this.ask<{ value: boolean }>('conflicts', { commit })).value;
  }

  async write(change: BranchChange): Promise<string> {
    return (await this.ask<{ value: string }>('write', change)).value;
  }

  async remove(branch: string, from: string): Promise<void> {
    await this.ask('remove', { branch, from });
  }

  /** Starts a verification, or says how the one with this very input stands. */
  verify(input: VerifyInput): Promise<VerificationState> {
    return this.ask('verify', input);
  }

  private ask<T>(what: string, body: object): Promise<T> {
    const content = Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void =>
        reject(new SocketError('Unreachable', `${this.path}: ${error.message}`));
      const asked = request({
        socketPath: this.path,
        path: `/v1/${what}`,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': content.length },
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      asked.on('error', fail);
      asked.on('response', (answer) => {
        const pieces: Buffer[] = [];
        let bytes = 0;
        answer.on('error', fail);
        answer.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes > ANSWER_BYTES_MAX) asked.destroy(new Error('the answer is too long'));
          else pieces.push(piece);
        });
        answer.on('end', () => {
          try {
            const said = JSON.parse(Buffer.concat(pieces).toString()) as T & { error?: Refusal };
            if (said.error === undefined) resolve(said);
            else reject(new SocketError(codeOf(said.error.code), String(said.error.message)));
          } catch {
            fail(new Error('the answer is no JSON'));
          }
        });
      });
      asked.end(content);
    });
  }
}

interface Refusal {
  readonly code?: unknown;
  readonly message?: unknown;
}

function codeOf(code: unknown): SocketErrorCode {
  return typeof code === 'string' && Object.hasOwn(SOCKET_STATUS, code)
    ? (code as SocketErrorCode)
    : 'Failed';
}
