import { connect, type Client } from '@aegis/client';

import type { UpCluster } from '../harness/up.js';

const EVERY_MS = 25;
const KEYS = 100;

/** Clients that write and read, each 40 times a second. */
export class Clients {
  readonly failures: unknown[] = [];
  readonly #open = new Set<Promise<unknown>>();
  #writes = 0;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly cluster: UpCluster) {}

  /** Writes that were acknowledged. */
  get writes(): number {
    return this.#writes;
  }

  async begin(): Promise<void> {
    const { members } = await this.cluster.status();
    const endpoints = members.map(({ address }) => address);
    const client = connect({ endpoints, tls: this.cluster.tls('client') });
    this.#client = client;
    let asked = 0;
    this.#timer = setInterval(() => {
      const key = `usual/${asked++ % KEYS}`;
      this.#note(client.kv.put(key, `${asked}`).then(() => this.#writes++));
      this.#note(client.kv.get(key));
    }, EVERY_MS);
  }

  #note(asked: Promise<unknown>): void {
    const done: Promise<unknown> = asked
      .catch((error: unknown) => this.failures.push(error))
      .finally(() => this.#open.delete(done));
    this.#open.add(done);
  }

  /** Resolves when all that was asked is answered. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    await this.#client?.close();
    this.#client = undefined;
  }
}
