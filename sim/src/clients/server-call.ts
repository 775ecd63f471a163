import type { SessionRequest, SessionResponse } from '@aegis/proto/v1/session';
import type { Life } from '@aegis/replica/sim';

type Call = Parameters<Life['sessions']['open']>[0];
type Handler = (value?: unknown) => void;

/** The replica's end of a simulated session stream: what `SessionStream` uses of a gRPC call. */
export class ServerCall {
  readonly #handlers = new Map<string, Handler>();
  readonly #send: (frame: SessionResponse) => void;
  readonly #ended: (reason: string) => void;
  #held: SessionRequest[] | undefined;
  #over = false;

  constructor(send: (frame: SessionResponse) => void, ended: (reason: string) => void) {
    this.#send = send;
    this.#ended = ended;
  }

  /** As the session host takes it. */
  get asCall(): Call {
    return this as unknown as Call;
  }

  arrive(frame: SessionRequest): void {
    if (this.#over) return;
    if (this.#held === undefined) this.#handlers.get('data')?.(frame);
    else this.#held.push(frame);
  }

  /** The client is gone, as far as this side can tell. */
  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#handlers.get('cancelled')?.();
  }

  on(event: string, handler: Handler): this {
    this.#handlers.set(event, handler);
    return this;
  }

  emit(_event: 'error', error: Error): boolean {
    this.#end(error.message);
    return true;
  }

  write(frame: SessionResponse): boolean {
    if (!this.#over) this.#send(frame);
    return true;
  }

  pause(): void {
    this.#held ??= [];
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const frame of held) this.arrive(frame);
  }

  end(): void {
    this.#end('the replica ended the stream');
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#ended(reason);
  }
}
