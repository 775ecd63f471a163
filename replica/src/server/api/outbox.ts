import type { Answer, Event, SessionResponse, Welcome } from '@aegis/proto/v1/session';

/** About what one frame carries at most; one answer alone may be larger. Clients take frames of 16 MiB. */
const FRAME_BYTES_MAX = 1024 * 1024;

/** About how many bytes wait to be sent to all clients of a replica together. */
export interface Unsent {
  bytes: number;
}

/** What waits to be sent to one client, in the order in which it came, cut into frames. */
export class Outbox {
  readonly #full: { readonly frame: SessionResponse; readonly bytes: number }[] = [];
  #open = emptyFrame();
  #openBytes = 0;
  #fullBytes = 0;
  #count = 0;

  constructor(private readonly unsent: Unsent) {}

  /** How many answers and events wait. */
  get count(): number {
    return this.#count;
  }

  /** About how many bytes they take. */
  get bytes(): number {
    return this.#fullBytes + this.#openBytes;
  }

  welcome(welcome: Welcome): void {
    this.#open.welcome = welcome;
  }

  answer(answer: Answer, bytes: number): void {
    this.#room(bytes).answers.push(answer);
  }

  event(event: Event, bytes: number): void {
    this.#room(bytes).events.push(event);
  }

  /** The next frame to be sent; undefined: nothing waits. */
  take(): SessionResponse | undefined {
    const full = this.#full.shift();
    const frame = full?.frame ?? this.#open;
    this.unsent.bytes -= full?.bytes ?? this.#openBytes;
    if (full !== undefined) {
      this.#fullBytes -= full.bytes;
    } else {
      if (frame.welcome === undefined && frame.answers.length === 0 && frame.events.length === 0)
        return undefined;
      this.#open = emptyFrame();
      this.#openBytes = 0;
    }
    this.#count -= frame.answers.length + frame.events.length;
    return frame;
  }

  /** The client is gone, and with it what was for it. */
  drop(): void {
    while (this.take() !== undefined);
  }

  #room(bytes: number): SessionResponse {
    if (this.#openBytes > 0 && this.#openBytes + bytes > FRAME_BYTES_MAX) {
      this.#full.push({ frame: this.#open, bytes: this.#openBytes });
      this.#fullBytes += this.#openBytes;
      this.#open = emptyFrame();
      this.#openBytes = 0;
    }
    this.#openBytes += bytes;
    this.unsent.bytes += bytes;
    this.#count++;
    return this.#open;
  }
}

function emptyFrame(): SessionResponse {
  return { welcome: undefined, answers: [], events: [] };
}
