import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileError, readLabels, readSet, setNames, type CaseSet, type Label } from '../labels/index.js';
import type { Chosen } from '../methods/index.js';

const HERE = fileURLToPath(new URL('../../../../consensusops/', import.meta.url));
export const SETS = join(HERE, 'sets');
/** What the search chose on the development set. */
export const CHOSEN = join(HERE, 'chosen.json');
/** What a model answered about the cases, if somebody asked one. */
export const EXCHANGES = join(HERE, 'exchanges');
export const DEVELOPMENT = 'development';

/** Sets by name, or by a path. Throws FileError that says which there are. */
export function setsOf(names: readonly string[], folder = SETS): CaseSet[] {
  const there = existsSync(folder) ? setNames(folder) : [];
  return names.map((name) => {
    const path = there.includes(name) ? join(folder, name) : name;
    if (!existsSync(join(path, 'labels.json'))) {
      const known = there.length === 0 ? `${folder} has none` : `there are ${there.join(', ')}`;
      throw new FileError(
        path,
        `it is no set (${known}); record one with: make bench-record SEED=1 OUT=${name}`,
      );
    }
    return readSet(path);
  });
}

/** What was true of the development set; undefined: there is none. Throws FileError. */
export function developmentLabels(folder = SETS): readonly Label[] | undefined {
  const path = join(folder, DEVELOPMENT);
  return existsSync(join(path, 'labels.json')) ? readLabels(path).cases : undefined;
}

/** Empty: nothing was searched yet. Throws FileError. */
export function readChosen(path = CHOSEN): Record<string, Chosen> {
  if (!existsSync(path)) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new FileError(path, `it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const fits = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!fits(parsed)) throw new FileError(path, 'has to be a mapping of methods to their numbers');
  for (const [method, numbers] of Object.entries(parsed))
    if (!fits(numbers) || !Object.values(numbers).every((value) => typeof value === 'number'))
      throw new FileError(path, 'has to give each method numbers by name', method);
  return parsed as Record<string, Chosen>;
}
