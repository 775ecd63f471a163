import { registerHooks } from 'node:module';
import { mutants } from './mutants.js';

/** From now on, this process loads the core with the bug of that name. */
export function mutate(name: string): void {
  const mutant = mutants.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`no mutant is named ${name}`);
  const { file, find, replace } = mutant;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(`/replica/dist/raft/${file}`)) return loaded;
      const source = Buffer.from(loaded.source as Uint8Array).toString();
      if (source.split(find).length !== 2) {
        throw new Error(`mutant "${name}": what it replaces is not exactly once in ${file}`);
      }
      return { ...loaded, source: source.replace(find, () => replace) };
    },
  });
}
