import { buffer } from 'node:stream/consumers';
import { UsageError } from './exit.js';

/**
 * All of the standard input, as it is.
 * @param what is missing when a person would have to type it blindly
 */
export async function standardInput(what: string): Promise<Buffer> {
  if (process.stdin.isTTY) throw new UsageError(`${what}: give it, or pipe it in`);
  return buffer(process.stdin);
}
