import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TlsOptions } from '@aegis/client';

import { freePorts } from './ports.js';
import { AEGIS_PROGRAM } from './programs.js';
import type { Spawned } from './spawned.js';
import type { TestBed } from './test-bed.js';

const UP_MS = 60_000;

/** A cluster that `aegis up --detach` started, and the commands in its folder. */
export class UpCluster {
  readonly #bed: TestBed;
  readonly folder: string;

  private constructor(bed: TestBed, folder: string) {
    this.#bed = bed;
    this.folder = folder;
  }

  static async start(
    bed: TestBed,
    name: string,
    replicas: number,
    ...flags: readonly string[]
  ): Promise<UpCluster> {
    const folder = join(bed.folder, name);
    const cluster = new UpCluster(bed, folder);
    const down = [AEGIS_PROGRAM, 'down', '--volumes', '--dir', folder];
    bed.guardian.run(folder, down);
    bed.atEnd(async () => {
      await bed.spawn('aegis down', down).ended;
      bed.guardian.done(folder);
    });
    const ports = await freePorts(10 * replicas);
    const up = cluster.aegis(
      'up',
      '--detach',
      '--replicas',
      `${replicas}`,
      '--base-port',
      `${ports}`,
      // Who wants the agent beside the cluster says so.
      ...(flags.includes('--agent') ? flags.filter((flag) => flag !== '--agent') : ['--no-agent', ...flags]),
    );
    if ((await up.status(UP_MS)) !== 0) throw new Error(up.tail());
    return cluster;
  }

  aegis(...args: string[]): Spawned {
    return this.#bed.aegis(args, { AEGIS_DIR: this.folder });
  }

  /** Runs a command that must succeed; what it printed. */
  async run(...args: string[]): Promise<string> {
    const ran = this.aegis(...args);
    if ((await ran.status(30_000)) !== 0) throw new Error(ran.tail());
    return ran.stdout.join('\n');
  }

  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.run(...args, '--json')) as T;
  }

  /** The certificates of `client`, `admin` or a replica. */
  tls(holder: string): TlsOptions {
    const read = (file: string): Buffer => readFileSync(join(this.folder, 'tls', holder, file));
    return { ca: read('ca.crt'), cert: read('tls.crt'), key: read('tls.key') };
  }
}
