import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TlsOptions } from '@aegis/client';

import { metricOf } from './metrics-page.js';
import { freePorts } from './ports.js';
import { AEGIS_PROGRAM } from './programs.js';
import type { Spawned } from './spawned.js';
import type { TestBed } from './test-bed.js';

const UP_MS = 60_000;

/** What `aegis status --json` says; see docs/one-machine.md. */
export interface UpStatus {
  readonly leader: number;
  readonly term: number;
  readonly profile: string;
  readonly members: readonly {
    readonly id: number;
    readonly name: string;
    readonly pid: number;
    readonly address: string;
    readonly metrics: string;
    readonly role: string;
    readonly term: number;
    readonly commit: number;
    readonly applied: number;
    readonly healthy: boolean;
  }[];
}

/** What `aegis up` keeps of merged settings, in `settings/state.json`, as far as it is read here. */
export interface SettingsState {
  readonly commit: string;
  readonly settings: Readonly<Record<string, number>>;
  readonly members: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly condition: { readonly state: string; readonly reason: string; readonly message: string };
  readonly changes: readonly { readonly at: number }[];
}

/** A cluster that `aegis up --detach` started, and the commands in its folder. */
export class UpCluster {
  readonly #bed: TestBed;
  readonly folder: string;
  /** What `aegis up` said when the cluster was ready. */
  ready = '';

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
    cluster.ready = up.stdout.join('\n');
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

  /** Where faults are ordered from, with what lets one in; none: it allows no faults. */
  get chaosPage(): string | undefined {
    return /^Faults, at will: (\S+)$/m.exec(this.ready)?.[1];
  }

  status(): Promise<UpStatus> {
    return this.json('status');
  }

  get settingsStatePath(): string {
    return join(this.folder, 'settings', 'state.json');
  }

  settingsState(): SettingsState {
    return JSON.parse(readFileSync(this.settingsStatePath, 'utf8')) as SettingsState;
  }

  /** What the replicas themselves say that they run, in seconds; undefined: one that does not answer. */
  async electionTimeouts(): Promise<(number | undefined)[]> {
    const { members } = await this.status();
    return Promise.all(
      members.map(({ metrics }) =>
        metricOf(metrics, 'aegis_election_timeout_seconds').catch(() => undefined),
      ),
    );
  }

  /** The certificates of `client`, `admin` or a replica. */
  tls(holder: string): TlsOptions {
    const read = (file: string): Buffer => readFileSync(join(this.folder, 'tls', holder, file));
    return { ca: read('ca.crt'), cert: read('tls.crt'), key: read('tls.key') };
  }
}
