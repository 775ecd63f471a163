import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Git's rules for names (git-check-ref-format), tighter: nothing that could leave the folder. */
const REF = /^refs(?:\/(?!\.)(?:(?!\.\.)[^\s\p{Cc}\\/~^:?*[])+(?<!\.lock))+$/u;
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** The loose refs of one repository, as git keeps them: a file each. Only one process moves them, a step at a time. */
export class Refs {
  /** @param dir the repository itself */
  constructor(private readonly dir: string) {}

  /** Where a ref stands; undefined if nowhere, or if it cannot be a ref's name. */
  read(ref: string): string | undefined {
    if (!REF.test(ref)) return undefined;
    try {
      return readFileSync(join(this.dir, ref), 'utf8').trim();
    } catch (error) {
      if (NOT_THERE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  }

  /** `expected` undefined: wherever it stands; null: it must be new. Throws if it stands elsewhere, or is in another's way. */
  write(ref: string, id: string, expected?: string | null): void {
    if (!REF.test(ref)) throw new Error(`"${ref}" is no ref`);
    const now = this.read(ref);
    if (expected !== undefined && now !== (expected ?? undefined)) {
      throw new Error(`${ref} stands at ${now ?? 'nothing'}, not at ${expected ?? 'nothing'}`);
    }
    const file = join(this.dir, ref);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.lock`, `${id}\n`, { flag: 'wx' });
    try {
      renameSync(`${file}.lock`, file);
    } catch (error) {
      rmSync(`${file}.lock`);
      throw error;
    }
  }

  /** Removes it and the folders that it leaves empty: another ref may be named as one of them. */
  remove(ref: string): void {
    if (this.read(ref) === undefined) throw new Error(`there is no ${ref}`);
    rmSync(join(this.dir, ref));
    for (let folder = dirname(ref); folder.split('/').length > 2; folder = dirname(folder)) {
      if (readdirSync(join(this.dir, folder)).length > 0) return;
      rmdirSync(join(this.dir, folder));
    }
  }

  /** Those beneath a folder of refs, by name, as git orders them. */
  list(folder: string): { readonly name: string; readonly id: string }[] {
    return readdirSync(join(this.dir, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(this.dir, folder).length + 1))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map((name) => ({ name, id: this.read(`${folder}/${name}`)! }));
  }
}
