import { afterAll, test } from '@jest/globals';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Cluster, type ClusterOptions } from './cluster.js';
import { Guardian } from './guardian.js';
import { AEGIS_PROGRAM } from './programs.js';
import { Spawned } from './spawned.js';

/** Where a test file works: a folder and processes that are gone when it is over, however it ends. */
export class TestBed {
  readonly folder = mkdtempSync(join(tmpdir(), 'aegis-e2e-'));
  readonly guardian = new Guardian();
  readonly #clusters: Cluster[] = [];
  readonly #others: Spawned[] = [];
  readonly #endings: (() => Promise<void> | void)[] = [];

  constructor() {
    this.guardian.remove(this.folder);
    afterAll(() => this.close(), 60_000);
  }

  /** A cluster whose folders are prepared; `start()` it. */
  async cluster(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = await Cluster.prepare(this.guardian, this.subfolder('cluster'), options);
    this.#clusters.push(cluster);
    return cluster;
  }

  /** A Node program of this test's own. */
  spawn(name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Spawned {
    const spawned = new Spawned(this.guardian, name, argv, env, this.folder);
    this.#others.push(spawned);
    return spawned;
  }

  /** The `aegis` command. */
  aegis(args: readonly string[], env: Readonly<Record<string, string>> = {}): Spawned {
    return this.spawn(`aegis ${args.join(' ')}`, [AEGIS_PROGRAM, ...args], env);
  }

  subfolder(name: string): string {
    const path = join(this.folder, `${name}-${this.#clusters.length}`);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** To be done before the processes are ended, last one first. */
  atEnd(ending: () => Promise<void> | void): void {
    this.#endings.push(ending);
  }

  /** A test with a bound in time, whose failure shows what the processes said last. */
  scenario(name: string, timeoutMs: number, work: () => Promise<void>): void {
    test(
      name,
      async () => {
        try {
          await work();
        } catch (error) {
          process.stderr.write(`\n${name}: failed. What was said last:\n${this.tail()}\n`);
          throw error;
        }
      },
      timeoutMs,
    );
  }

  tail(): string {
    const others = this.#others.slice(-8).map((spawned) => spawned.tail());
    return [...this.#clusters.map((cluster) => cluster.tail()), ...others].join('\n');
  }

  async close(): Promise<void> {
    try {
      for (const ending of this.#endings.toReversed()) await ending();
      await Promise.all(this.#clusters.map((cluster) => cluster.stop()));
      for (const spawned of this.#others) if (spawned.running) spawned.signal('SIGKILL');
    } finally {
      await this.guardian.close();
    }
  }
}
