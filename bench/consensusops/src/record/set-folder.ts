import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FORMAT, readLabels, VERSION, type Label, type LabelFile, type Rejection } from '../labels/index.js';

/** A set that is being recorded: after every case it is whole on disk, so that it can be gone on with. */
export class SetFolder {
  #labels: LabelFile;

  /** Throws FileError if what is there is damaged, or Error if it was drawn from another seed. */
  constructor(
    private readonly folder: string,
    name: string,
    seed: number,
    guarded: boolean,
  ) {
    mkdirSync(folder, { recursive: true });
    this.#labels = existsSync(this.#path)
      ? readLabels(folder)
      : { format: FORMAT, version: VERSION, set: name, seed, guarded, cases: [], rejections: [] };
    if (this.#labels.guarded !== guarded)
      throw new Error(
        `${this.#path} was begun ${guarded ? 'with' : 'without'} ANY_NOISE=1: go on in the same way`,
      );
    if (this.#labels.seed !== seed)
      throw new Error(
        `${this.#path} was drawn from seed ${this.#labels.seed}: go on with that one, or record into another OUT`,
      );
  }

  get labels(): LabelFile {
    return this.#labels;
  }

  /** @param text the recording */
  add(label: Label, text: string): number {
    const packed = gzipSync(text, { level: 9 });
    writeFileSync(join(this.folder, `${label.id}.jsonl.gz`), packed);
    this.#write({ cases: [...this.#labels.cases, label] });
    return packed.length;
  }

  reject(rejection: Rejection): void {
    this.#write({ rejections: [...this.#labels.rejections, rejection] });
  }

  get #path(): string {
    return join(this.folder, 'labels.json');
  }

  #write(change: Partial<LabelFile>): void {
    this.#labels = { ...this.#labels, ...change };
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#labels, undefined, 1)}\n`);
    renameSync(`${this.#path}.new`, this.#path);
  }
}
