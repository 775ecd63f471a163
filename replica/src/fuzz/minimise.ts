import { attempt } from './attempt.js';
import type { Target } from './target.js';

const MS_MAX = 5000;

/** What tells one failure from another: the error, without the figures in it. */
export function kindOf(wrong: string): string {
  return wrong.split('\n', 2).join(' ').replace(/\d+/g, '0').slice(0, 120);
}

/** A shorter input that fails in the same way. */
export async function minimise(target: Target, input: Buffer, wrong: string): Promise<Buffer> {
  const kind = kindOf(wrong);
  const fails = async (bytes: Buffer): Promise<boolean> => {
    const found = await attempt(target, bytes);
    return found !== undefined && kindOf(found) === kind;
  };
  const end = performance.now() + MS_MAX;
  let smallest = input;
  for (let piece = Math.ceil(input.length / 2); piece >= 1; piece = piece === 1 ? 0 : Math.ceil(piece / 2)) {
    for (let at = 0; at < smallest.length && performance.now() < end;) {
      const less = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + piece)]);
      if (await fails(less)) smallest = less;
      else at += piece;
    }
  }
  return smallest;
}
