import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { RefusedStart } from '../exit.js';

/** Of the folder's layout. A folder of a newer one is refused. */
export const FORMAT_VERSION = 1;

/** What a replica listens on, and what it is called. */
export interface OwnAddresses {
  readonly name: string;
  readonly peerAddress: string;
  readonly clientAddress: string;
  readonly metricsAddress: string;
}

/** What a data folder says of itself, in `identity.json`. */
export interface Identity {
  readonly formatVersion: number;
  /** Drawn when the folder was made; 32 hex digits. */
  readonly nonce: string;
  /** Both absent until the folder has joined a cluster. */
  readonly clusterId?: string;
  readonly memberId?: number;
  /** Of a member that joined later, as the cluster was told them: its own state may not know it yet. */
  readonly addresses?: OwnAddresses;
  /** Why nobody may start on it any more: its state is not that of its cluster. */
  readonly diverged?: string;
}

/**
 * The folder of one replica: `identity.json`, `log/` and `state/`. Everything that it promises is synced before it
 * is told to anybody, the folder's own entries included.
 */
export class DataFolder {
  readonly path: string;
  readonly identity: Identity;

  private constructor(path: string, identity: Identity) {
    this.path = path;
    this.identity = identity;
  }

  get logPath(): string {
    return join(this.path, 'log');
  }

  /** Holds one folder a state, named by numbers; the log says which one counts. */
  get statePath(): string {
    return join(this.path, 'state');
  }

  /** Opens the folder, or makes it with a fresh nonce if there is none yet. */
  static prepare(path: string): DataFolder {
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new RefusedStart('usage', `--data: cannot make ${path}: ${(error as Error).message}`);
    }
    const file = join(path, 'identity.json');
    if (existsSync(file)) {
      const folder = new DataFolder(path, readIdentity(file));
      const { diverged } = folder.identity;
      if (diverged === undefined) return folder;
      throw new RefusedStart('diverged', `${path} is not used any more: ${diverged}. ${folder.advice}`);
    }
    const strangers = readdirSync(path).filter((name) => name !== 'identity.json.new');
    if (strangers.length > 0) {
      throw new RefusedStart(
        'data',
        `${path} has no identity.json but holds ${strangers.slice(0, 3).join(', ')}: it is no data folder, or a damaged one. ` +
          'Name an empty folder; a damaged member is replaced, never repaired',
      );
    }
    const identity: Identity = { formatVersion: FORMAT_VERSION, nonce: randomBytes(16).toString('hex') };
    writeDurably(path, 'identity.json', identity);
    return new DataFolder(path, identity);
  }

  /** Writes down, once, which member of which cluster this folder is. */
  join(clusterId: string, memberId: number, addresses?: OwnAddresses): DataFolder {
    const known = this.identity;
    if (known.clusterId !== undefined && (known.clusterId !== clusterId || known.memberId !== memberId)) {
      throw new RefusedStart(
        'data',
        `${this.path} is member ${known.memberId} of cluster ${known.clusterId}, not member ${memberId} of ${clusterId}. ` +
          'Give this replica its own folder, or an empty one',
      );
    }
    if (known.clusterId !== undefined) return this;
    const own = addresses === undefined ? {} : { addresses };
    const identity: Identity = { ...known, clusterId, memberId, ...own };
    writeDurably(this.path, 'identity.json', identity);
    return new DataFolder(this.path, identity);
  }

  /** Nobody starts on it again. */
  condemn(diverged: string): void {
    writeDurably(this.path, 'identity.json', { ...this.identity, diverged });
  }

  /** What is to be done with a member whose folder is of no use any more. */
  get advice(): string {
    const { memberId } = this.identity;
    return (
      `Replace this member: move ${this.path} aside (it shows what went wrong), start with an empty folder, remove member ` +
      `${memberId} (aegis members remove ${memberId}), add and promote the new one. \`aegis up\` does the last three by itself`
    );
  }
}

function readIdentity(file: string): Identity {
  const wrong = (what: string): RefusedStart =>
    new RefusedStart('data', `${file}: ${what}. Replace this member with an empty folder`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong(`cannot be read: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null) throw wrong('is not a JSON object');
  const identity = parsed as Partial<Identity>;
  if (!Number.isSafeInteger(identity.formatVersion)) throw wrong('formatVersion is missing');
  if (identity.formatVersion! > FORMAT_VERSION) {
    throw new RefusedStart(
      'data',
      `${file}: the folder has format ${identity.formatVersion}, this version knows up to ${FORMAT_VERSION}. Start the newer version of AEGIS`,
    );
  }
  if (typeof identity.nonce !== 'string' || !/^[0-9a-f]{32}$/.test(identity.nonce))
    throw wrong('nonce is not 32 hex digits');
  if ((identity.clusterId === undefined) !== (identity.memberId === undefined))
    throw wrong('clusterId and memberId go together');
  const { clusterId, memberId } = identity;
  if (clusterId !== undefined && (typeof clusterId !== 'string' || clusterId === ''))
    throw wrong('clusterId is not a text');
  if (memberId !== undefined && (!Number.isSafeInteger(memberId) || memberId < 1))
    throw wrong('memberId is not a whole number from 1');
  if (identity.diverged !== undefined && !isText(identity.diverged)) throw wrong('diverged is not a text');
  if (identity.addresses !== undefined && !FIELDS.every((field) => isText(identity.addresses?.[field])))
    throw wrong('addresses is incomplete');
  return identity as Identity;
}

const FIELDS = ['name', 'peerAddress', 'clientAddress', 'metricsAddress'] as const;

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function writeDurably(folder: string, name: string, value: unknown): void {
  const fresh = join(folder, `${name}.new`);
  const file = openSync(fresh, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, join(folder, name));
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
