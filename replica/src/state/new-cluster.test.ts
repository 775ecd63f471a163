import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MetaRow } from '@aegis/proto/replica/state';
import { LockMode } from '@aegis/proto/v1/lock';

import { keyRangeOf } from './kv/key-range.js';
import { kvHistory, type KvTurn, LEASES } from './kv/testing/kv-history.js';
import { KvModel } from './kv/testing/kv-model.js';
import { kvOp, plain, rangeRequest } from './kv/testing/kv-script.js';
import { StateMachine } from './machine.js';
import { RESTORE_JUMP } from './new-cluster.js';
import { isMetaRow } from './rows/layout.js';
import { MemoryStorage } from './storage/memory.js';
import { commandOf, history, NAMES } from './testing/history.js';
import { MEMBERSHIP, op, outcomeOf, Script } from './testing/script.js';

const RUNS = Number(process.env['AEGIS_PROPERTY_RUNS'] ?? 60);
const ALL = rangeRequest('\0', '\0');
const OTHER = { ...MEMBERSHIP, clusterId: 'restored' };

/** What a backup of the machine brings to an empty storage, loaded. */
async function copyOf(machine: StateMachine): Promise<StateMachine> {
  const storage = new MemoryStorage();
  for await (const row of machine.view().rows) await storage.write([row], { sync: false });
  return StateMachine.open(storage);
}

async function restored(machine: StateMachine): Promise<StateMachine> {
  const copy = await copyOf(machine);
  await copy.beginNewCluster(OTHER);
  return copy;
}

/** Its first leader begins a term. */
function led(machine: StateMachine): Script {
  const script = Script.on(machine);
  script.changeLeader();
  return script;
}

function play(script: Script, model: KvModel, turns: readonly KvTurn[]): void {
  for (const { passMs, drafts } of turns) {
    const stamped = script.machine.appliedTerm === script.term;
    script.stampMs += passMs;
    model.nowMs += stamped ? passMs : 0;
    const ops = drafts.map((draft) => draft(model.revision, model.nowMs));
    const expected = ops.map((op) => model.do(op));
    model.endEntry();
    const results = script.batch(ops.map((op) => ({ call: undefined, op })));
    ops.forEach(({ $case }, at) => {
      const outcome = plain(outcomeOf(results[at]!));
      if ($case.startsWith('kv') || 'error' in expected[at]!) expect(outcome).toEqual(expected[at]);
    });
  }
}

function expectModel({ machine }: Script, model: KvModel): void {
  expect(machine.leaseClockMs).toBe(model.nowMs);
  expect(machine.kv).toEqual({
    revision: model.revision,
    compactedRevision: model.compacted,
    keys: model.at(model.revision).length,
    bytes: model.bytes,
    quotaBytes: model.quota,
    quotaAlarm: model.quotaAlarm,
  });
  expect(plain(machine.kvRange(ALL))).toEqual(model.range(ALL));
  for (const id of LEASES) {
    const keys = model.at(model.revision).filter(({ lease }) => lease === id);
    if (model.leases.has(id)) expect(plain(machine.lease(id)!.keys)).toEqual(keys.map(({ key }) => key));
    else expect(machine.lease(id)).toBeUndefined();
  }
}

describe('a state that begins a new cluster', () => {
  test('has the keys of the old one but for those of its leases, and goes on as the plain model does', async () => {
    await fc.assert(
      fc.asyncProperty(kvHistory, kvHistory, fc.boolean(), async (before, after, twice) => {
        const script = await Script.start();
        const model = new KvModel();
        play(script, model, before);
        const old = model.revision;
        let machine = await restored(script.machine);
        model.beginNewCluster(RESTORE_JUMP);
        expect(machine.kv.revision).toBe(old + RESTORE_JUMP);
        expect(plain(machine.kvRange({ ...ALL, revision: old }))).toEqual({ error: 'COMPACTED' });
        if (twice) {
          const again = await copyOf(machine);
          await again.beginNewCluster({ ...OTHER, clusterId: 'again' });
          machine = again;
          model.beginNewCluster(RESTORE_JUMP);
        }
        const next = led(machine);
        // Whatever was in its way is swept with the first entry.
        next.do(op.advance());
        model.endEntry();
        expectModel(next, model);
        play(next, model, after);
        expectModel(next, model);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  test('is the same on whoever makes it, and after a restart', async () => {
    await fc.assert(
      fc.asyncProperty(kvHistory, kvHistory, async (before, after) => {
        const script = await Script.start();
        play(script, new KvModel(), before);
        const one = await restored(script.machine);
        await script.machine.sync();
        const other = await restored(script.machine);
        expect(other.hash).toBe(one.hash);
        expect((await other.contentHash()).hash).toBe((await one.contentHash()).hash);
        const restarted = await copyOf(other);
        expect(restarted.hash).toBe(one.hash);

        const next = led(one);
        for (const { drafts } of after) {
          next.batch(drafts.map((draft) => ({ call: undefined, op: draft(one.kv.revision, 0) })));
        }
        for (const entry of next.entries) restarted.apply(entry);
        expect(restarted.hash).toBe(one.hash);
        expect((await restarted.contentHash()).hash).toBe((await one.contentHash()).hash);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  test('has no lease, session, lock, election, wait or rest, and larger tokens', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (turns) => {
        const script = await Script.start();
        const { machine: old } = script;
        for (const turn of turns) {
          if ('leader' in turn) script.changeLeader();
          else {
            script.stampMs += turn.passMs;
            script.batch(
              turn.drafts.map((draft) =>
                commandOf(draft, old.leaseClockMs, (lease) => old.lease(lease)?.grantIndex),
              ),
            );
          }
        }
        const machine = await restored(old);
        expect(machine.counts).toEqual({
          leases: 0,
          locks: 0,
          elections: 0,
          holders: 0,
          waiters: 0,
          delays: 0,
          sessionResults: 0,
          resultBytes: 0,
        });
        expect(machine.alarms).toEqual([]);
        expect(machine.hasTimedWork).toBe(false);
        expect(machine.newestToken).toBe(old.newestToken + RESTORE_JUMP);
        expect(machine.appliedIndex).toBe(old.appliedIndex + RESTORE_JUMP);
        expect(machine.leaseClockMs).toBe(old.leaseClockMs);
        expect(machine.leaseSettings).toEqual(old.leaseSettings);
        expect(machine.membership).toEqual(OTHER);

        const next = led(machine);
        next.do(op.settings(1, 86_400_000));
        next.do(op.grant('77'));
        for (const name of NAMES) {
          expect(next.do(op.acquire(name, '77'))).toMatchObject({ outcome: 1 });
          expect(next.do(op.campaign(name, '77'))).toMatchObject({ outcome: 1 });
        }
        expect(machine.newestToken).toBe(old.newestToken + RESTORE_JUMP + 2 * NAMES.length);
        // A lease counts from the clock that went on: it is not due before its time.
        next.elapse(9000);
        next.expireDue();
        expect(machine.lease('77')).toBeDefined();
        next.elapse(2000);
        next.expireDue();
        expect(machine.lease('77')).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  test('holders, waiters, rests and results of a session are gone from the rows too', async () => {
    const script = await Script.start();
    for (const lease of ['1', '2', '3']) script.do(op.grant(lease, 2000 * Number(lease)));
    const { grantIndex } = script.machine.lease('1')!;
    const call = { lease: '1', grantIndex, sequence: 1, lowestUnanswered: 1 };
    script.do(op.acquire('held', '1', { lockDelayMs: 60_000 }), call);
    script.do(op.acquire('held', '2'));
    script.do(op.acquire('shared', '2', { mode: LockMode.SHARED }));
    script.do(op.campaign('lead', '3', 'me'));
    script.do(kvOp.put('ephemeral', 'x', { lease: '3' }));
    script.do(kvOp.put('lasting', 'x'));
    script.do(op.noSpace(true));
    script.do(op.corrupt(true));
    script.elapse(2500);
    script.expireDue();
    expect(script.machine.counts).toMatchObject({ leases: 2, waiters: 1, delays: 1, holders: 2 });

    const storage = new MemoryStorage();
    const machine = await restored(script.machine);
    for await (const row of machine.view().rows) await storage.write([row], { sync: false });
    const sections = new Set<string>();
    for await (const { key } of storage.iterate({})) sections.add(String.fromCharCode(key[0]!));
    expect([...sections].sort()).toEqual(['K', 'M', 'P', 'V']);
    expect(plain(machine.kvRange(ALL))).toMatchObject({ kvs: [{ key: 'lasting', version: 1, lease: '0' }] });
  });

  test('tells watchers below that their history is compacted, and shows what comes after', async () => {
    const script = await Script.start();
    for (let at = 0; at < 5; at++) script.do(kvOp.put('a', String(at)));
    const old = script.machine.kv.revision;
    const next = led(await restored(script.machine));
    const everything = keyRangeOf(ALL.key, ALL.rangeEnd);
    for (const from of [1, old, old + 1, old + RESTORE_JUMP - 1]) {
      expect(next.machine.kvChangesSince(from, everything, 100)).toEqual({
        compactedRevision: old + RESTORE_JUMP,
      });
    }
    next.do(kvOp.put('a', 'new'));
    const since = next.machine.kvChangesSince(old + RESTORE_JUMP, everything, 100);
    expect(since).toMatchObject({
      changes: [{ main: old + RESTORE_JUMP + 1 }],
      next: old + RESTORE_JUMP + 2,
    });
    expect(plain(next.machine.kvRange(ALL))).toMatchObject({
      revision: old + RESTORE_JUMP + 1,
      kvs: [{ key: 'a', createRevision: 2, version: 6, value: 'new' }],
    });
  });

  test('gives ids to leases that the old cluster did not give, and will not have given', async () => {
    const script = await Script.start();
    const given = new Set<unknown>();
    const machine = await restored(script.machine);
    for (let at = 0; at < 50; at++) given.add(script.do(op.grant('0'))['lease' as never]);
    const next = led(machine);
    for (let at = 0; at < 50; at++) expect(given).not.toContain(next.do(op.grant('0'))['lease' as never]);
  });

  test('can be made again and again, until the numbers end: then it says so', async () => {
    let { machine } = await Script.start();
    for (let times = 0; times < 3; times++) machine = await againFrom(machine, `c${times}`);
    expect(machine.appliedIndex).toBe(3 * RESTORE_JUMP);
    expect(machine.obstacleToNewCluster).toBeUndefined();
    for (const field of ['appliedIndex', 'newestToken'] as const) {
      const late = await withMeta(machine, { [field]: Number.MAX_SAFE_INTEGER - RESTORE_JUMP / 2 });
      expect(late.obstacleToNewCluster).toMatch(/too large to be raised by 1000000000/);
    }
  });

  test('must be of another cluster', async () => {
    const { machine } = await Script.start();
    await expect((await copyOf(machine)).beginNewCluster(MEMBERSHIP)).rejects.toThrow(/id of its own/);
  });
});

async function againFrom(machine: StateMachine, clusterId: string): Promise<StateMachine> {
  const copy = await copyOf(machine);
  await copy.beginNewCluster({ ...OTHER, clusterId });
  return copy;
}

async function withMeta(machine: StateMachine, more: Partial<MetaRow>): Promise<StateMachine> {
  const storage = new MemoryStorage();
  for await (const { key, value } of machine.view().rows) {
    const changed = isMetaRow(key) ? MetaRow.encode({ ...MetaRow.decode(value), ...more }).finish() : value;
    await storage.write([{ key, value: changed }], { sync: false });
  }
  return StateMachine.open(storage);
}
