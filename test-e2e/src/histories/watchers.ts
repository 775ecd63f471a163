import type { Client, KvWatch, Selection, WatchBatch } from '@aegis/client';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Random } from '@aegis/replica/sim';
import type { NdjsonFile } from './recorder.js';

/** A watch that goes on from where it was, over connections and replicas, until it has seen a given revision. */
export class Watcher {
  readonly #name: string;
  readonly #prefix: string;
  readonly #connect: () => Client;
  readonly #random: Random;
  readonly #file: NdjsonFile;
  #next = 1;
  #until = Infinity;
  #watch: KvWatch | undefined;
  resumes = 0;
  events = 0;

  constructor(name: string, prefix: string, connect: () => Client, random: Random, file: NdjsonFile) {
    this.#name = name;
    this.#prefix = prefix;
    this.#connect = connect;
    this.#random = random;
    this.#file = file;
    file.add({ watch: name, prefix, from: this.#next });
  }

  /** Resolves once everything up to the revision of `finish` has been seen. */
  async run(): Promise<void> {
    let client = this.#connect();
    while (this.#next <= this.#until) {
      const leaveAt = performance.now() + this.#random.between(500, 8_000);
      await this.#follow(client, leaveAt).catch(() => sleep(50));
      this.resumes++;
      // Another connection, and so most likely another replica.
      if (this.#random.chance(0.5)) {
        client.abandon();
        client = this.#connect();
      }
    }
    client.abandon();
    this.#file.add({ watch: this.#name, prefix: this.#prefix, end: this.#next - 1 });
  }

  finish(revision: number): void {
    this.#until = revision;
    // Let it look again.
    void this.#watch?.return();
  }

  async #follow(client: Client, leaveAt: number): Promise<void> {
    const selection: Selection = { prefix: this.#prefix };
    const watch = client.kv.watch({ ...selection, fromRevision: this.#next, progress: true });
    this.#watch = watch;
    const timer = setTimeout(() => void watch.return(), Math.max(0, leaveAt - performance.now()));
    try {
      for await (const batch of watch) {
        this.#take(batch);
        if (this.#next > this.#until) break;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #take({ revision, events }: WatchBatch): void {
    this.events += events.length;
    if (events.length > 0)
      this.#file.add({ watch: this.#name, rev: revision, events: events.map(writtenEvent) });
    this.#next = revision + 1;
  }
}

/** A change as it is written down, with the whole name of its key. */
export function writtenEvent({ type, kv }: WatchBatch['events'][number]): object {
  const { key, value, version, createRevision, modRevision, lease } = kv;
  if (type === 'delete') return { type, key: key.toString(), mod: modRevision };
  return {
    type,
    key: key.toString(),
    value: value.toString(),
    version,
    create: createRevision,
    mod: modRevision,
    ...(lease === '0' ? {} : { lease }),
  };
}
