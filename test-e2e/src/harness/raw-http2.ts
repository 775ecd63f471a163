import { once } from 'node:events';
import { type ClientHttp2Stream, connect } from 'node:http2';

import { within } from './clock.js';

/** A gRPC call by hand: headers are right, the bytes that follow are the test's. */
export class RawHttp2Call {
  readonly #stream: ClientHttp2Stream;
  readonly #close: () => void;

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
    const trailers = once(this.#stream, 'trailers');
    const [fields] = (await within('trailers', withinMs, trailers)) as [Record<string, string>];
    const message = decodeURIComponent(fields['grpc-message'] ?? '');
    return { code: Number(fields['grpc-status']), message };
  }

  close(): void {
    this.#close();
  }
}
