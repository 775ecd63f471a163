import { randomBytes } from 'node:crypto';
import type { LoadEntry } from '../trace/trace.js';
import type { Means, Work } from './means.js';

type KeyLoad = Extract<LoadEntry, { kind: 'puts' | 'gets' | 'mix' }>;

/** Sets and reads keys at random; of a mix every second operation reads. */
export function keyWork({ kind, valueBytes, keys }: KeyLoad, { connections, random }: Means): Work {
  const value = randomBytes(valueBytes);
  const reads = { puts: 0, gets: 1, mix: 0.5 }[kind];
  return {
    once: async (index) => {
      const { kv } = connections[index % connections.length]!;
      const key = `chaos/keys/${random.below(keys)}`;
      if (random.fraction() < reads) await kv.get(key);
      else await kv.put(key, value);
    },
  };
}
