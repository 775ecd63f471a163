import { assert } from '../assert.js';
import { revisionAt, SECTION, sectionRange, singleKey } from '../rows/layout.js';
import type { State } from '../state.js';
import type { StateStorage } from '../storage/storage.js';
import type { KeyNumber } from './key-page.js';
import { ValueRow } from './value-row.js';

/** Rebuilds the index from the rows of all revisions, which come in the order of the revisions. Leases are there already. */
export async function loadKeys({ kv, leases }: State, storage: StateStorage): Promise<void> {
  const [numbers] = storage.getMany([singleKey(SECTION.keys)]);
  if (numbers !== undefined) kv.restore(numbers);
  // Past revisions may name leases that have ended since.
  const orphans = new Set<KeyNumber>();
  for await (const { key, value } of storage.iterate(sectionRange(SECTION.value))) {
    const { main, sub } = revisionAt(key);
    const row = new ValueRow(value);
    const { deleted, created, version, size, lease: id } = row;
    const history = kv.historyOf(row.key);
    const lease = id === '0' ? undefined : leases.get(id);
    kv.note(history, { main, sub, size, deleted, created, version, lease });
    if (id !== '0' && lease === undefined) orphans.add(history.number);
    else if (orphans.size > 0) orphans.delete(history.number);
  }
  assert(orphans.size === 0, 'a stored key names a lease that is not stored');
}
