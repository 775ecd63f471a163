import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Findings, IncidentState, Recommendation, Work } from './records.js';

const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** So many incidents are kept, and so many recordings of them, which are large; the evidence has all that was made of them. */
const KEPT_MAX = 500;
const RECORDINGS_MAX = 20;
const NAME = /^[a-z0-9][a-z0-9-]{0,99}$/;

/** Every write is on disk before it returns: under Node's permission model nobody may call fsync with a number. */
const SYNCED = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_SYNC;

/** What there is of each kind. */
export interface Contents {
  readonly incidents: IncidentState & Partial<Findings>;
  readonly recommendations: Recommendation;
  readonly work: Work;
  /** As docs/telemetry.md says. */
  readonly recordings: { readonly recording: string };
}
export type Kind = keyof Contents;
const KINDS: readonly Kind[] = ['incidents', 'recommendations', 'recordings', 'work'];

/** A file in the agent's folder cannot be read. */
export class AgentFolderError extends Error {
  override readonly name = 'AgentFolderError';
}

/** The agent's own folder: what it keeps, one JSON file each, whole or not at all. `incidents` and `recommendations` are for others to read. */
export class AgentFolder {
  private readonly unsynced = new Set<string>();

  constructor(readonly path: string) {
    for (const kind of KINDS) mkdirSync(join(path, kind), { recursive: true });
  }

  get evidencePath(): string {
    return join(this.path, 'evidence.jsonl');
  }

  /** The names of what there is, oldest first. */
  names(kind: Kind): string[] {
    return readdirSync(join(this.path, kind))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.slice(0, -'.json'.length))
      .filter((name) => NAME.test(name))
      .sort();
  }

  /** Undefined: there is none. Throws AgentFolderError for a file that is too large, or no JSON. */
  read<K extends Kind>(kind: K, name: string): Contents[K] | undefined {
    const path = this.file(kind, name);
    try {
      const { size } = statSync(path);
      if (size > FILE_BYTES_MAX)
        throw new AgentFolderError(`${path} has ${size} bytes, more than ${FILE_BYTES_MAX}`);
      return JSON.parse(readFileSync(path, 'utf8')) as Contents[K];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      if (error instanceof AgentFolderError) throw error;
      throw new AgentFolderError(`${path}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** The content is on disk before this returns, the file's name with `synced`. The same content again is not written. */
  write(kind: Kind, name: string, content: object): void {
    const path = this.file(kind, name);
    const text = `${JSON.stringify(content, null, kind === 'recordings' ? 0 : 2)}\n`;
    if (this.text(path) === text) return;
    const file = openSync(`${path}.new`, SYNCED, 0o644);
    try {
      for (let written = 0, bytes = Buffer.from(text); written < bytes.length;)
        written += writeSync(file, bytes, written);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    this.unsynced.add(dirname(path));
  }

  /** Resolves when the names of all that was written are on disk, too. */
  async synced(): Promise<void> {
    for (const path of this.unsynced) {
      this.unsynced.delete(path);
      const folder = await open(path, 'r');
      try {
        await folder.sync();
      } catch (error) {
        this.unsynced.add(path);
        throw error;
      } finally {
        await folder.close();
      }
    }
  }

  /** Of what is finished, the oldest go when there is too much. @param finished whether nothing is to be done about it any more */
  forgetOldest(finished: (name: string) => boolean): void {
    const surplus = (kind: Kind, most: number): string[] => {
      const names = this.names(kind);
      return names.slice(0, Math.max(0, names.length - most)).filter(finished);
    };
    for (const name of surplus('recordings', RECORDINGS_MAX)) this.remove('recordings', name);
    for (const name of surplus('incidents', KEPT_MAX)) for (const kind of KINDS) this.remove(kind, name);
  }

  private remove(kind: Kind, name: string): void {
    rmSync(this.file(kind, name), { force: true });
  }

  private text(path: string): string | undefined {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  }

  private file(kind: Kind, name: string): string {
    if (!NAME.test(name)) throw new AgentFolderError(`${JSON.stringify(name)} is no name of an incident`);
    return join(this.path, kind, `${name}.json`);
  }
}
