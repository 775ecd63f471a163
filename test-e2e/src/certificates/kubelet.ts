import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { nowMs } from '../harness/clock.js';

type Files = Readonly<Record<string, string>>;

/** A Secret mounted into one pod's folder: it changes in one step, a while after the Secret did, as the kubelet has it. */
export class Mount {
  readonly folder: string;
  /** How long it takes, in milliseconds; Infinity: it hangs. */
  lagMs: number;
  #mounted: string | undefined;
  #seen: { readonly data: string; readonly atMs: number } | undefined;
  #versions = 0;

  constructor(folder: string, lagMs: number) {
    this.folder = folder;
    this.lagMs = lagMs;
  }

  /** @param data of the Secret as it is now, base64 */
  sync(data: Files): void {
    const text = JSON.stringify(data);
    if (text === this.#mounted) return;
    if (this.#seen?.data !== text) this.#seen = { data: text, atMs: nowMs() };
    if (this.#mounted === undefined || nowMs() - this.#seen.atMs >= this.lagMs) this.#mount(data, text);
  }

  #mount(data: Files, text: string): void {
    const version = `${this.folder}.${++this.#versions}`;
    mkdirSync(version, { recursive: true });
    for (const [file, content] of Object.entries(data))
      writeFileSync(join(version, file), Buffer.from(content, 'base64'));
    symlinkSync(version, `${this.folder}.new`);
    renameSync(`${this.folder}.new`, this.folder);
    if (this.#versions > 1) rmSync(`${this.folder}.${this.#versions - 1}`, { recursive: true });
    this.#mounted = text;
  }
}
