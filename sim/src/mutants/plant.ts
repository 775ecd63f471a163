import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

import type { Edit, Mutant } from './mutant.js';

const COMPILED = new URL('../../../replica/dist/', import.meta.url);

/** Throws unless every edit fits exactly once: a mutant that changes nothing proves nothing. */
export function checkFit({ name, edits }: Mutant): void {
  for (const edit of edits) apply(name, edit, readFileSync(new URL(edit.file, COMPILED), 'utf8'));
}

/** From now on this thread loads the replica with that bug. To be called before anything of it is imported. */
export function plant({ name, edits }: Mutant): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const wanted = edits.filter(({ file }) => url.endsWith(`/replica/dist/${file}`));
      if (wanted.length === 0) return loaded;
      let source = Buffer.from(loaded.source as Uint8Array).toString();
      for (const edit of wanted) source = apply(name, edit, source);
      return { ...loaded, source };
    },
  });
}

function apply(name: string, { file, find, put }: Edit, source: string): string {
  const places = source.split(find).length - 1;
  if (places !== 1)
    throw new Error(`the mutant ${name} does not fit: ${file} has ${places} times ${JSON.stringify(find)}`);
  return source.replace(find, () => put);
}
