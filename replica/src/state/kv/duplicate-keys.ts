import type { KvOperation, KvTxnRequest } from '@aegis/proto/v1/kv';
import { type Key, keyOf } from './key.js';
import { holds, type KeyRange, keyRangeOf } from './key-range.js';

/** What a list of operations may change, whichever way the transactions inside it go. */
interface Changes {
  readonly puts: Set<Key>;
  readonly deletes: KeyRange[];
}

/**
 * Whether a transaction can put a key twice, or put and delete it, however its comparisons come out. Deletes may
 * overlap each other. Its two ways exclude each other and are held apart.
 */
export function changesKeyTwice({ success, failure }: KvTxnRequest): boolean {
  return changesOf(success) === undefined || changesOf(failure) === undefined;
}

/** Undefined when they collide. */
function changesOf(operations: readonly KvOperation[]): Changes | undefined {
  const all: Changes = { puts: new Set(), deletes: [] };
  for (const { request } of operations) {
    const more = request && changesOfOne(request);
    if (more === undefined) {
      if (request?.$case === 'txn') return undefined;
      continue;
    }
    if (collide(all, more) || collide(more, all) || [...more.puts].some((key) => all.puts.has(key)))
      return undefined;
    for (const key of more.puts) all.puts.add(key);
    all.deletes.push(...more.deletes);
  }
  return all;
}

function changesOfOne(request: NonNullable<KvOperation['request']>): Changes | undefined {
  switch (request.$case) {
    case 'range':
      return { puts: new Set(), deletes: [] };
    case 'put':
      return { puts: new Set([keyOf(request.value.key)]), deletes: [] };
    case 'deleteRange':
      return { puts: new Set(), deletes: [keyRangeOf(request.value.key, request.value.rangeEnd)] };
    case 'txn': {
      const then = changesOf(request.value.success);
      const otherwise = changesOf(request.value.failure);
      if (then === undefined || otherwise === undefined) return undefined;
      return {
        puts: new Set([...then.puts, ...otherwise.puts]),
        deletes: [...then.deletes, ...otherwise.deletes],
      };
    }
  }
}

/** Whether one puts what the other deletes. */
function collide({ puts }: Changes, { deletes }: Changes): boolean {
  if (deletes.length === 0) return false;
  for (const key of puts) if (deletes.some((range) => holds(range, key))) return true;
  return false;
}
