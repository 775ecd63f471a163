import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Guardian } from '../../harness/guardian.js';
import { freePorts } from '../../harness/ports.js';
import { AEGIS_PROGRAM } from '../../harness/programs.js';
import { Spawned } from '../../harness/spawned.js';

export const MEMBERS = 5;
const UP_MS = 60_000;
const DOWN_MS = 60_000;

interface State {
  readonly members: readonly {
    readonly metricsAddress: string;
    readonly process: { readonly pid: number } | null;
  }[];
  readonly agent?: { readonly pid: number } | null;
}

/** Five members of `aegis up --allow-faults`, perhaps with the agent beside them. */
export class LiveCluster {
  readonly #down: readonly string[];
  #files = 0;

  private constructor(
    /** As it is called in Prometheus. */
    readonly name: string,
    private readonly folder: string,
    private readonly basePort: number,
    private readonly guardian: Guardian,
  ) {
    this.#down = [AEGIS_PROGRAM, 'down', '--volumes', '--dir', folder];
    guardian.run(folder, this.#down);
  }

  /** @param settings of `spec.consensus`; undefined: the defaults, and the agent beside the cluster may propose others */
  static async start(
    name: string,
    folder: string,
    guardian: Guardian,
    settings?: Readonly<Record<string, unknown>>,
  ): Promise<LiveCluster> {
    const basePort = await freePorts(10 * MEMBERS);
    const cluster = new LiveCluster(name, join(folder, name), basePort, guardian);
    const given =
      settings === undefined ? [] : ['--no-agent', '--settings', settingsFile(folder, name, settings)];
    const flags = ['--replicas', `${MEMBERS}`, '--base-port', `${basePort}`, ...given];
    const up = cluster.#aegis(['up', '--detach', '--allow-faults', ...flags]);
    if ((await up.status(UP_MS)) !== 0) throw new Error(`cluster ${name} is not up: ${up.tail()}`);
    return cluster;
  }

  get metricsAddresses(): readonly string[] {
    return this.#state().members.map(({ metricsAddress }) => metricsAddress);
  }

  /** Behind the ports of the first member. */
  get agentAddress(): string {
    return `127.0.0.1:${this.basePort + 3}`;
  }

  /** Lets a trace happen until it is over or `signal` says that enough was seen; all is undone then. Throws if it could not be run. */
  async play(trace: string, signal: AbortSignal): Promise<void> {
    const file = join(this.folder, '..', `${this.name}-${this.#files++}.yaml`);
    writeFileSync(file, trace);
    const run = this.#aegis(['chaos', 'run', file]);
    const stop = (): void => run.signal('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    try {
      const { code } = await run.ended;
      if (code !== 0 && !signal.aborted) throw new Error(`the trace could not be run: ${run.tail()}`);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** The agent stands still, or goes on. */
  signalAgent(name: 'SIGSTOP' | 'SIGCONT'): void {
    const pid = this.#state().agent?.pid;
    if (pid === undefined) throw new Error(`no agent runs beside ${this.name}`);
    process.kill(pid, name);
  }

  /** The first of the members stand still, or go on. */
  signalMembers(count: number, name: 'SIGSTOP' | 'SIGCONT'): void {
    for (const { process: of } of this.#state().members.slice(0, count)) {
      if (of === null) throw new Error(`a member of ${this.name} does not run`);
      process.kill(of.pid, name);
    }
  }

  /** Nobody finds the supervisor, until it is shown again. */
  hideSocket(): void {
    renameSync(this.#socket, `${this.#socket}.away`);
  }

  showSocket(): void {
    renameSync(`${this.#socket}.away`, this.#socket);
  }

  async down(): Promise<void> {
    const down = new Spawned(this.guardian, 'aegis down', this.#down);
    if ((await down.status(DOWN_MS)) !== 0) throw new Error(`${this.name} is not down: ${down.tail()}`);
    this.guardian.done(this.folder);
  }

  get #socket(): string {
    return join(this.folder, 'agent.sock');
  }

  #aegis(argv: readonly string[]): Spawned {
    const name = `aegis ${argv.join(' ')}`;
    return new Spawned(this.guardian, name, [AEGIS_PROGRAM, '--dir', this.folder, ...argv]);
  }

  #state(): State {
    return JSON.parse(readFileSync(join(this.folder, 'cluster.json'), 'utf8')) as State;
  }
}

function settingsFile(folder: string, name: string, consensus: Readonly<Record<string, unknown>>): string {
  const file = join(folder, `${name}-settings.yaml`);
  const head = { apiVersion: 'aegis.dev/v1alpha1', kind: 'AegisCluster', metadata: { name } };
  writeFileSync(file, JSON.stringify({ ...head, spec: { consensus } }));
  return file;
}
