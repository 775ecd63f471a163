import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

export interface GitObject {
  readonly type: ObjectType;
  readonly body: Buffer;
}

const ID = /^[0-9a-f]{40}$/;
const HEADER = /^(blob|tree|commit|tag) (\d+)$/;

/**
 * The loose objects of one repository, in git's own format (gitformat-loose): zlib around `type size NUL body`, named by the
 * SHA-1 of that. To start a git process for each of them took most of the tests' time. Nothing here packs.
 */
export class ObjectStore {
  private readonly known = new Map<string, GitObject>();

  /** @param dir the repository's `objects` */
  constructor(private readonly dir: string) {}

  has(id: string): boolean {
    return this.known.has(id) || (ID.test(id) && existsSync(this.fileOf(id)));
  }

  /** Throws if it is not there, or of another type. */
  read(id: string, type: ObjectType): Buffer {
    const object = this.find(id);
    if (object === undefined) throw new Error(`no object ${id} in ${this.dir}`);
    if (object.type !== type) throw new Error(`object ${id} is a ${object.type}, not a ${type}`);
    return object.body;
  }

  /** Undefined: there is none of this id. */
  find(id: string): GitObject | undefined {
    const known = this.known.get(id);
    if (known !== undefined || !this.has(id)) return known;
    const object = parseObject(id, inflateSync(readFileSync(this.fileOf(id))));
    this.known.set(id, object);
    return object;
  }

  /** Writes it, unless it is there; its id. */
  write(type: ObjectType, body: Buffer): string {
    const bytes = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
    const id = createHash('sha1').update(bytes).digest('hex');
    if (this.has(id)) return id;
    const file = this.fileOf(id);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, deflateSync(bytes, { level: 1 }));
    renameSync(`${file}.new`, file);
    this.known.set(id, { type, body });
    return id;
  }

  /** Takes over an object of another store, not what it refers to. */
  take(from: ObjectStore, id: string): void {
    if (this.has(id)) return;
    mkdirSync(dirname(this.fileOf(id)), { recursive: true });
    linkSync(from.fileOf(id), this.fileOf(id));
  }

  private fileOf(id: string): string {
    return join(this.dir, id.slice(0, 2), id.slice(2));
  }
}

function parseObject(id: string, bytes: Buffer): GitObject {
  const end = bytes.indexOf(0);
  const [, type, size] = HEADER.exec(bytes.subarray(0, end).toString('latin1')) ?? [];
  const body = bytes.subarray(end + 1);
  if (type === undefined || Number(size) !== body.length) throw new Error(`object ${id} is damaged`);
  return { type: type as ObjectType, body };
}
