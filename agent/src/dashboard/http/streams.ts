import type { ServerResponse } from 'node:http';

/** So many may look at once. */
export const STREAMS_MAX = 32;
/** Who has so much unread is dropped: the page asks again by itself, and gets what is new then. */
const UNREAD_BYTES_MAX = 512 * 1024;
const RETRY_MS = 1_000;

/** The open streams of server-sent events. */
export class Streams {
  readonly #open = new Set<ServerResponse>();
  readonly #last = new Map<string, string>();

  /** @param looked called when the first one begins to look, and when nobody does any more */
  constructor(private readonly looked: (anybody: boolean) => void) {}

  get size(): number {
    return this.#open.size;
  }

  get full(): boolean {
    return this.#open.size >= STREAMS_MAX;
  }

  /** The answer becomes a stream, which begins with the newest of each event. */
  add(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#open.add(response);
    response.on('close', () => {
      if (this.#open.delete(response) && this.#open.size === 0) {
        // What is known now would be old news to whoever comes next.
        this.#last.clear();
        this.looked(false);
      }
    });
    for (const message of this.#last.values()) response.write(message);
    if (this.#open.size === 1) this.looked(true);
  }

  send(event: string, content: object): void {
    // JSON has no line breaks outside of its texts, and none in them.
    const message = `event: ${event}\ndata: ${JSON.stringify(content)}\n\n`;
    this.#last.set(event, message);
    for (const response of this.#open) {
      if (response.writableLength > UNREAD_BYTES_MAX) response.destroy();
      else response.write(message);
    }
  }

  close(): void {
    for (const response of this.#open) response.destroy();
  }
}
