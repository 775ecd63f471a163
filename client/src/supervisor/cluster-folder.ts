import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SupervisorError } from './errors.js';
import type { ProcessIdentity } from './process-identity.js';

export interface MemberState {
  readonly id: number;
  readonly name: string;
  readonly clientAddress: string;
  readonly peerAddress: string;
  readonly metricsAddress: string;
  /** The process that runs it, or ran it last. */
  readonly process: ProcessIdentity | null;
}

/** What `cluster.json` holds: how the cluster was made, and which processes run it. */
export interface ClusterState {
  readonly kind: 'aegis-cluster';
  readonly version: 1;
  readonly clusterId: string;
  readonly profile: string;
  readonly basePort: number;
  readonly insecure: boolean;
  readonly supervisor: ProcessIdentity | null;
  readonly members: readonly MemberState[];
  /** The process of the agent, or the last one. */
  readonly agent?: ProcessIdentity | null;
  /** What it was restored from, if it was; incomplete: nothing may be started yet. */
  readonly backup?: { readonly digest: string; readonly complete: boolean };
}

/** The name that is looked for, from the working folder upwards. */
export const DEFAULT_FOLDER = '.aegis';

/** What is in a cluster's folder. Its mark comes last, so that an interrupted removal can be repeated. */
const CONTENTS = [
  'data',
  'logs',
  'tls',
  'settings',
  'config',
  'config.git',
  'agent',
  'agent.json',
  'agent.sock',
  'verifications',
  'bootstrap.json',
  'supervisor.lock',
  'cluster.json.new',
  'cluster.json',
];

/** What may be in a folder that holds no cluster yet: left by a start that failed early. */
const EARLY_NAMES = new Set(['supervisor.lock', 'logs']);

/** The folder of a cluster on this machine. */
export class ClusterFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** The nearest `.aegis` from the working folder upwards. */
  static nearest(from: string = process.cwd()): ClusterFolder | undefined {
    for (let folder = resolve(from); ; folder = dirname(folder)) {
      const found = new ClusterFolder(join(folder, DEFAULT_FOLDER));
      if (existsSync(found.statePath)) return found;
      if (dirname(folder) === folder) return undefined;
    }
  }

  get statePath(): string {
    return join(this.path, 'cluster.json');
  }

  get bootstrapPath(): string {
    return join(this.path, 'bootstrap.json');
  }

  get tlsPath(): string {
    return join(this.path, 'tls');
  }

  get supervisorLogPath(): string {
    return join(this.path, 'logs', 'supervisor.log');
  }

  /** The settings files of the members, and what is known of them. */
  get settingsPath(): string {
    return join(this.path, 'settings');
  }

  /** The agent's own folder, which is all that it may write. */
  get agentPath(): string {
    return join(this.path, 'agent');
  }

  get agentConfigPath(): string {
    return join(this.path, 'agent.json');
  }

  /** What the agent may read besides: settings and keys of a model and of webhooks. */
  get agentSecretsPath(): string {
    return join(this.path, 'agent-secrets');
  }

  get agentSocketPath(): string {
    return join(this.path, 'agent.sock');
  }

  get verificationsPath(): string {
    return join(this.path, 'verifications');
  }

  dataPath(member: string): string {
    return join(this.path, 'data', member);
  }

  logPath(member: string): string {
    return join(this.path, 'logs', `${member}.log`);
  }

  /** Undefined: no cluster was made here. Throws SupervisorError if the file is not one of ours. */
  read(): ClusterState | undefined {
    let text: string;
    try {
      text = readFileSync(this.statePath, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new SupervisorError(`cannot read ${this.statePath}: ${(error as Error).message}`, {
        cause: error,
      });
    }
    const state = parse(text);
    if (state?.kind === 'aegis-cluster' && state.version === 1) return state;
    throw new SupervisorError(
      `${this.statePath} was not written by this version of aegis; use another --dir`,
    );
  }

  /** Replaces the state in one step, on disk before this returns. */
  write(state: ClusterState): void {
    mkdirSync(join(this.path, 'logs'), { recursive: true });
    writeSynced(`${this.statePath}.new`, `${JSON.stringify(state, null, 2)}\n`, 'w');
    renameSync(`${this.statePath}.new`, this.statePath);
  }

  /** Throws SupervisorError if a folder without a cluster holds what is not ours. */
  refuseStrangers(): void {
    if (!existsSync(this.path) || readdirSync(this.path).every((name) => EARLY_NAMES.has(name))) return;
    throw new SupervisorError(`${this.path} is not empty and holds no cluster: choose another --dir`);
  }

  /** After a start that was refused before it made anything: no trace is left of it. */
  removeIfEmpty(): void {
    if (readdirSync(this.path).length === 0) rmdirSync(this.path);
  }

  /** Removes what a restore made that was interrupted: all but its mark, and who works on it. */
  clear(): void {
    for (const name of ['data', 'tls', 'bootstrap.json'])
      rmSync(join(this.path, name), { recursive: true, force: true });
  }

  /**
   * Removes the cluster with all of its data, and the folder if nothing else is in it.
   * Throws SupervisorError unless a cluster was made here.
   */
  remove(): void {
    if (this.read() === undefined) {
      throw new SupervisorError(`${this.path} is not the folder of a cluster: nothing is removed`);
    }
    for (const name of CONTENTS) rmSync(join(this.path, name), { recursive: true, force: true });
    this.removeIfEmpty();
  }
}

/** @param flag 'wx' fails with EEXIST instead of replacing a file */
export function writeSynced(path: string, text: string, flag: 'w' | 'wx'): void {
  const file = openSync(path, flag, 0o644);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function parse(text: string): ClusterState | undefined {
  try {
    return JSON.parse(text) as ClusterState;
  } catch {
    return undefined;
  }
}
