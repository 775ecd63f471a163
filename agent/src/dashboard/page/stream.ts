import type { Incidents, Live } from './wire.js';

/** The agent tells twice a second: silent for so long, it is said; for longer, it is asked anew. */
const SILENT_MS = 3_000;
const ANEW_MS = 5_000;
/** A page that nobody sees does not keep the agent looking. */
const HIDDEN_MS = 30_000;

export interface StreamEvents {
  readonly live: (live: Live) => void;
  readonly incidents: (incidents: Incidents) => void;
  /** @param since when the agent was heard of last, milliseconds since 1970; undefined: it is heard of, or never was */
  readonly heard: (state: 'live' | 'away', since: number | undefined) => void;
}

/** The stream from the agent, opened again after whatever ended it: a restart of the agent, a network that was away, a sleep. */
export class LiveStream {
  #source: EventSource | undefined;
  #heardAt: number | undefined;
  #openedAt = 0;
  #hiding: number | undefined;

  constructor(private readonly events: StreamEvents) {}

  start(): void {
    this.#open();
    setInterval(() => this.#look(), 500);
    document.addEventListener('visibilitychange', () => this.#seen(!document.hidden));
    // Out of the browser's cache of whole pages, or with a network again.
    for (const event of ['pageshow', 'online'] as const)
      window.addEventListener(event, () => this.#seen(true));
  }

  #open(): void {
    this.#source?.close();
    this.#openedAt = Date.now();
    const source = new EventSource('api/live');
    this.#source = source;
    const take = (name: string, told: (content: unknown) => void): void =>
      source.addEventListener(name, (event: MessageEvent<string>) => {
        const content = JSON.parse(event.data) as unknown;
        this.#heardAt = Date.now();
        this.events.heard('live', undefined);
        told(content);
      });
    take('live', (content) => this.events.live(content as Live));
    take('incidents', (content) => this.events.incidents(content as Incidents));
  }

  #look(): void {
    if (this.#source === undefined) return;
    const now = Date.now();
    const silentMs = now - Math.max(this.#heardAt ?? 0, this.#openedAt);
    if (now - (this.#heardAt ?? this.#openedAt) > SILENT_MS) this.events.heard('away', this.#heardAt);
    if (silentMs > ANEW_MS || this.#source.readyState === EventSource.CLOSED) {
      if (now - this.#openedAt > 1_000) this.#open();
    }
  }

  #seen(seen: boolean): void {
    clearTimeout(this.#hiding);
    if (!seen) {
      this.#hiding = setTimeout(() => {
        this.#source?.close();
        this.#source = undefined;
      }, HIDDEN_MS);
      return;
    }
    const heard = Date.now() - (this.#heardAt ?? 0) < SILENT_MS;
    if (this.#source === undefined || !heard) this.#open();
  }
}
