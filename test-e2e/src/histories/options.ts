import { parseArgs } from 'node:util';

import { BEHIND, MUTANTS } from './mutants.js';
import { FAULT_NAMES, POSSIBLE_FAULTS, type FaultName } from './nemesis-faults.js';

export interface Options {
  readonly seconds: number;
  readonly seed: number;
  readonly nemesis: readonly FaultName[];
  readonly mutant: string | undefined;
  /** Where histories and logs of a failure stay. */
  readonly keep: string;
  /** Where `{passed, failed}` is written; undefined: nowhere. */
  readonly report: string | undefined;
}

export class WrongOption extends Error {}

const ALL = 'all';
const NONE = 'none';

/** Reads the command line. Throws WrongOption, naming the flag. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '' },
      nemesis: { type: 'string', default: '' },
      mutant: { type: 'string', default: '' },
      keep: { type: 'string', default: '.test/histories' },
      report: { type: 'string', default: '' },
    },
  });
  const planted = mutant(values.mutant);
  return {
    seconds: whole('SECONDS', values.seconds, 5, 86_400),
    seed:
      values.seed === '' ? Math.floor(Math.random() * 2 ** 31) : whole('SEED', values.seed, 0, 2 ** 31 - 1),
    nemesis: values.nemesis === '' ? usualFaults(planted) : faults(values.nemesis),
    mutant: planted,
    keep: values.keep,
    report: values.report === '' ? undefined : values.report,
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new WrongOption(`${name}=${text}: not a whole number from ${min} to ${max}`);
}

/** Unless told: all that there are, or those under which the mutant shows. */
function usualFaults(planted: string | undefined): readonly FaultName[] {
  return planted === undefined ? POSSIBLE_FAULTS : (MUTANTS[planted]!.nemesis ?? BEHIND);
}

function faults(text: string): readonly FaultName[] {
  if (text === ALL) return POSSIBLE_FAULTS;
  if (text === NONE) return [];
  return text.split(',').map((word) => {
    const found = FAULT_NAMES.find((name) => name === word);
    if (found !== undefined && !POSSIBLE_FAULTS.includes(found))
      throw new WrongOption(`NEMESIS=${text}: "${word}" mounts small disks, which takes root on Linux`);
    if (found !== undefined) return found;
    throw new WrongOption(
      `NEMESIS=${text}: "${word}" is not one of ${FAULT_NAMES.join(', ')}; or give ${ALL}, or ${NONE}`,
    );
  });
}

function mutant(text: string): string | undefined {
  if (text === '') return undefined;
  if (Object.hasOwn(MUTANTS, text)) return text;
  throw new WrongOption(`MUTANT=${text}: not one of ${Object.keys(MUTANTS).join(', ')}`);
}
