interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

type Listener = (method: string, params: Readonly<Record<string, unknown>>) => void;

const ANSWER_MS = 60_000;

/** The browser's own protocol for tools (Chrome DevTools Protocol), over one connection. */
export class DevTools {
  #sent = 0;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #listeners = new Map<string, Listener>();

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => this.#take(JSON.parse(String(data)) as Message));
  }

  static async connect(address: string): Promise<DevTools> {
    const socket = new WebSocket(address);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error(`no connection to ${address}`)));
    });
    return new DevTools(socket);
  }

  /** Rejects with what the browser says. */
  ask<T>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    const id = ++this.#sent;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${method}: no answer in ${ANSWER_MS} ms`)), ANSWER_MS);
      this.#waiting.set(id, ({ result, error }) => {
        clearTimeout(late);
        if (error === undefined) resolve(result as T);
        else reject(new Error(`${method}: ${error.message}`));
      });
      this.socket.send(
        JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }),
      );
    });
  }

  listen(sessionId: string, listener: Listener): void {
    this.#listeners.set(sessionId, listener);
  }

  close(): void {
    this.socket.close();
  }

  #take(message: Message): void {
    const { id, sessionId, method, params } = message;
    if (id !== undefined) {
      this.#waiting.get(id)?.(message);
      this.#waiting.delete(id);
    } else if (sessionId !== undefined && method !== undefined)
      this.#listeners.get(sessionId)?.(method, params ?? {});
  }
}
