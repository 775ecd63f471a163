import type { ClientSession, Held } from '@aegis/client';

import { nowNs, type Recorder } from './recorder.js';

export type Mode = 'exclusive' | 'shared' | 'semaphore';

interface Entry {
  readonly client: number;
  readonly key: string;
  readonly mode: Mode;
  readonly permits: number;
  readonly session: ClientSession;
  readonly held: Held;
  readonly fromNs: number;
  /** How long its holder relies upon it if nothing more is heard, in nanoseconds. */
  untilNs: number;
  over: boolean;
}

const LOOK_MS = 20;

/**
 * What holders believe: from when until when each relies upon its lock. All are looked at whenever one is granted, so that two
 * who rely upon one lock at one moment cannot be missed.
 */
export class HoldBook {
  readonly #recorder: Recorder;
  readonly #open = new Set<Entry>();
  readonly #timer = setInterval(() => this.#look(), LOOK_MS);

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** To be called in the turn of the grant. Returns what to call before the release is sent. */
  granted(
    client: number,
    key: string,
    mode: Mode,
    permits: number,
    session: ClientSession,
    held: Held,
  ): () => void {
    this.#look();
    const fromNs = nowNs();
    const entry: Entry = {
      client,
      key,
      mode,
      permits,
      session,
      held,
      fromNs,
      untilNs: fromNs,
      over: false,
    };
    this.#open.add(entry);
    this.#lookAt(entry);
    held.signal.addEventListener('abort', () => this.#end(entry));
    return () => this.#end(entry);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const entry of [...this.#open]) this.#end(entry);
  }

  #look(): void {
    for (const entry of this.#open) this.#lookAt(entry);
  }

  #lookAt(entry: Entry): void {
    const now = nowNs();
    if (entry.held.valid) entry.untilNs = now + Math.floor(entry.session.remainingMs * 1e6);
    else this.#end(entry);
  }

  #end(entry: Entry): void {
    if (entry.over) return;
    entry.over = true;
    this.#open.delete(entry);
    const { client, key, mode, permits, held, fromNs } = entry;
    const untilNs = Math.max(fromNs, Math.min(entry.untilNs, nowNs()));
    const what = { client, op: 'hold', key, input: { token: held.token, mode, permits } };
    this.#recorder.add(what, fromNs, 'ok', {}, untilNs);
  }
}
