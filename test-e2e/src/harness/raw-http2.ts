import { type ClientHttp2Stream, connect } from 'node:http2';

import { within } from './clock.js';

/** A gRPC call by hand: headers are right, the bytes that follow are the test's. */
export class RawHttp2Call {
  readonly #stream: ClientHttp2Stream;
  readonly #close: () => void;
  readonly #status: Promise<Record<string, string>>;

  constructor(address: string, path: string) {
    const session = connect(`http://${address}`);
    session.on('error', () => {});
    this.#close = () => session.destroy();
    this.#stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    this.#stream.on('error', () => {});
    // A refusal before any answer comes in the headers, every other one behind the answers.
    this.#status = new Promise((resolve) => {
      for (const event of ['response', 'trailers']) {
        this.#stream.on(event, (fields: Record<string, string>) => {
          if (fields['grpc-status'] !== undefined) resolve(fields);
        });
      }
    });
    this.#stream.resume();
  }

  /** A message as gRPC frames it, of which `sent` is all that ever comes. */
  writeFrame(lengthSaid: number, sent: Buffer): void {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(lengthSaid, 1);
    this.#stream.write(Buffer.concat([head, sent]));
  }

  /** The gRPC status and message with which the server ends the call. */
  async status(withinMs = 5_000): Promise<{ readonly code: number; readonly message: string }> {
    const fields = await within('a status', withinMs, this.#status);
    const message = decodeURIComponent(fields['grpc-message'] ?? '');
    return { code: Number(fields['grpc-status']), message };
  }

  close(): void {
    this.#close();
  }
}
