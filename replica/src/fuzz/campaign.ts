import { Random } from '../sim/random.js';
import { attempt, type Counts } from './attempt.js';
import { mutate } from './mutate.js';
import type { Target } from './target.js';

export interface Failure {
  readonly number: number;
  readonly wrong: string;
  readonly input: Buffer;
}

/** The input of that number, always the same for a seed. */
export function inputOf(target: Target, seeds: readonly Uint8Array[], seed: number, number: number): Buffer {
  return mutate(new Random(Math.imul(seed, 0x9e3779b1) + Math.imul(number, 0x85ebca6b)), target, seeds);
}

/** The valid inputs of a target, each of which has been accepted. */
export async function seedsOf(target: Target): Promise<readonly Uint8Array[]> {
  const seeds = await target.seeds();
  for (const [at, seed] of seeds.entries()) {
    if (!(await target.run(Buffer.from(seed)))) throw new Error(`${target.name}: seed ${at} is not accepted`);
  }
  return seeds;
}

/** Runs the inputs from `first` on until one fails. `begins` is told of each before it runs. */
export async function runInputs(
  target: Target,
  seeds: readonly Uint8Array[],
  { seed, first, inputs }: { readonly seed: number; readonly first: number; readonly inputs: number },
  counts: Counts,
  begins: (number: number) => void = () => {},
): Promise<Failure | undefined> {
  for (let number = first; number < first + inputs; number++) {
    begins(number);
    const input = inputOf(target, seeds, seed, number);
    const wrong = await attempt(target, input, counts);
    if (wrong !== undefined) return { number, wrong, input };
  }
  return undefined;
}
