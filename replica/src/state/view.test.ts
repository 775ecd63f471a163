import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { MemoryStorage, RocksStorage, StateMachine, type StateStorage } from './index.js';

const membership = {
  clusterId: 'c',
  members: [],
  confState: { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
  removedNonces: [],
  nextMemberId: 2,
};

const empty = (index: number) => ({ term: 1, index, data: new Uint8Array() });

async function started(storage: StateStorage): Promise<StateMachine> {
  const state = await StateMachine.open(storage);
  await state.bootstrap(membership);
  for (let index = 1; index <= 5; index++) state.apply(empty(index));
  return state;
}

async function copyOf(state: StateMachine, meanwhile: () => void): Promise<StateMachine> {
  const view = state.view();
  expect(view).toMatchObject({ index: 5, term: 1 });
  meanwhile();
  const storage = new MemoryStorage();
  for await (const row of view.rows) await storage.write([row], { sync: true });
  return StateMachine.open(storage);
}

describe.each(['memory', 'RocksDB'])('a view of a state over %s', (kind) => {
  test('holds the moment of the call, whatever is applied and flushed while it is read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aegis-view-'));
    const storage = kind === 'memory' ? new MemoryStorage() : await RocksStorage.open(folder);
    try {
      const state = await started(storage);
      const { hash } = state;
      const copy = await copyOf(state, () => {
        state.apply(empty(6));
        void state.flush();
      });
      expect(copy.appliedIndex).toBe(5);
      expect(copy.hash).toBe(hash);
      expect(copy.membership).toEqual(state.membership);
    } finally {
      await storage.close();
      rmSync(folder, { recursive: true });
    }
  });
});

test('a view whose write fails is not read', async () => {
  class Full extends MemoryStorage {
    full = false;
    override async write(...args: Parameters<MemoryStorage['write']>): Promise<void> {
      if (this.full) throw new Error('no space');
      await super.write(...args);
    }
  }
  const storage = new Full();
  const state = await started(storage);
  storage.full = true;
  const rows = state.view().rows[Symbol.asyncIterator]();
  await expect(rows.next()).rejects.toThrow('no space');
});

describe('taking over a later state', () => {
  test('goes on exactly as the later one would, on its storage', async () => {
    const old = new MemoryStorage();
    const state = await started(old);
    const later = await copyOf(state, () => {});
    later.apply(empty(6));
    const other = await copyOf(state, () => {});
    other.apply(empty(6));
    other.apply(empty(7));

    expect(state.takeOver(later)).toBe(old);
    expect(state.appliedIndex).toBe(6);
    state.apply(empty(7));
    expect(state.hash).toBe(other.hash);
    await state.sync();
    expect(state.durableIndex).toBe(7);
  });

  test('an earlier state, or one of another cluster, is not taken', async () => {
    const state = await started(new MemoryStorage());
    const same = await copyOf(state, () => {});
    expect(() => state.takeOver(same)).toThrow(/leads forward/);
    const strange = await StateMachine.open(new MemoryStorage());
    await strange.bootstrap({ ...membership, clusterId: 'd' });
    for (let index = 1; index <= 9; index++) strange.apply(empty(index));
    expect(() => state.takeOver(strange)).toThrow(/keeps its id/);
  });
});
