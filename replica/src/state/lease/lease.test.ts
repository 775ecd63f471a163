import { expect, test } from '@jest/globals';
import { op, Script } from '../testing/script.js';

test('a lease has the id that its client chose, once', async () => {
  const script = await Script.start();
  const id = '18446744073709551615';
  expect(script.do(op.grant(id, 5000))).toEqual({ lease: id, ttlMs: 5000, grantIndex: 1 });
  expect(script.do(op.grant(id, 5000))).toMatchObject({ error: 'LEASE_EXISTS' });
  script.do(op.revoke(id));
  expect(script.do(op.revoke(id))).toMatchObject({ error: 'LEASE_NOT_FOUND' });
  expect(script.do(op.grant(id, 5000))).toEqual({ lease: id, ttlMs: 5000, grantIndex: 5 });
});

test('without one it is given one that is not taken: positive in 64 signed bits, and the same on every replica', async () => {
  const script = await Script.start();
  const taken = String((2n << 20n) + 1n);
  script.do(op.grant(taken));
  const grants = script.batch([0, 1, 2].map(() => ({ call: undefined, op: op.grant('0') })));
  const ids = grants.map(({ result }) => (result?.$case === 'leaseGrant' ? BigInt(result.value.lease) : 0n));
  expect(new Set([...ids, BigInt(taken)]).size).toBe(4);
  for (const id of ids) expect(id > 0n && id < 1n << 63n).toBe(true);
  const other = await Script.start();
  for (const entry of script.entries) other.machine.apply(entry);
  expect(other.machine.hash).toBe(script.machine.hash);
});

test('TTLs keep to the replicated settings, from the command on that sets them', async () => {
  const script = await Script.start();
  expect(script.machine.leaseSettings).toEqual({
    leaseMinTtlMs: 2000,
    leaseMaxTtlMs: 86_400_000,
    leaseExpiryPerTick: 0,
  });
  expect(script.do(op.grant('1', 1999))).toMatchObject({
    error: 'INVALID_TTL',
    message: 'A TTL of 1999 ms is outside of the bounds of this cluster, 2000 to 86400000 ms.',
  });
  expect(script.do(op.grant('1', 86_400_001))).toMatchObject({ error: 'INVALID_TTL' });
  expect(script.do(op.settings(10, 20))).toEqual({});
  expect(script.do(op.grant('1', 21))).toMatchObject({ error: 'INVALID_TTL' });
  expect(script.do(op.grant('1', 10))).toMatchObject({ ttlMs: 10 });
  expect(script.do(op.settings(20, 10))).toMatchObject({ error: 'INVALID_ARGUMENT' });
  expect(script.do(op.settings(0, 10))).toMatchObject({ error: 'INVALID_ARGUMENT' });
  expect(script.do(op.settings(10, 20, 100_001))).toMatchObject({ error: 'INVALID_ARGUMENT' });
  expect(script.machine.leaseSettings).toEqual({
    leaseMinTtlMs: 10,
    leaseMaxTtlMs: 20,
    leaseExpiryPerTick: 0,
  });
  expect(script.do(op.settings(10, 20, 7))).toEqual({});
  expect(script.do(op.settings(30, 40))).toEqual({});
  expect(script.machine.leaseSettings).toEqual({
    leaseMinTtlMs: 30,
    leaseMaxTtlMs: 40,
    leaseExpiryPerTick: 7,
  });
});

test('a keepalive of too many leases is refused whole', async () => {
  const script = await Script.start();
  script.do(op.grant('1', 5000));
  script.elapse(3000);
  expect(script.do(op.keepAlive(...Array.from({ length: 10_001 }, () => '1')))).toMatchObject({
    error: 'TOO_LARGE',
  });
  expect(script.machine.lease('1')).toMatchObject({ remainingMs: 2000 });
});

test('a lease tells what hangs on it', async () => {
  const script = await Script.start();
  script.do(op.grant('1'));
  script.do(op.grant('2'));
  script.do(op.acquire('lock', '1'));
  script.do(op.acquire('lock', '2'));
  script.do(op.campaign('election', '2'));
  expect(script.machine.lease('2')!.attachments).toEqual([
    { kind: 'lock', name: 'lock', claim: 1, token: 0 },
    { kind: 'election', name: 'election', claim: 1, token: 2 },
  ]);
  expect(script.machine.lease('3')).toBeUndefined();
});

test('leases are listed by the size of their ids, page by page', async () => {
  const script = await Script.start();
  const ids = Array.from({ length: 50 }, (_, at) => ((BigInt(at) * 0x9e3779b97f4a7c15n) % (1n << 64n)) + 1n);
  script.batch(ids.map((id) => ({ call: undefined, op: op.grant(id.toString()) })));
  const listed: string[] = [];
  for (let after = '0', more = true; more; after = listed.at(-1)!) {
    const page = script.machine.listLeases(after, 7);
    expect(page.total).toBe(50);
    listed.push(...page.leases.map(({ lease }) => lease));
    more = page.more;
  }
  expect(listed).toEqual(ids.sort((a, b) => (a < b ? -1 : 1)).map(String));
});

test('locks are listed by prefix, page by page', async () => {
  const script = await Script.start();
  script.do(op.grant('1'));
  const names = Array.from({ length: 30 }, (_, at) => `a/${(at * 7) % 30}`);
  for (const name of [...names, 'b', 'a']) script.do(op.acquire(name, '1'));
  const listed: string[] = [];
  for (let after = '', more = true; more; after = listed.at(-1)!) {
    const page = script.machine.listLocks('a/', after, 4);
    listed.push(...page.locks.map(({ name }) => name));
    more = page.more;
  }
  expect(listed).toEqual(names.sort());
  expect(script.machine.listLocks('a/', '', 30)).toMatchObject({ more: false });
  expect(script.machine.listLocks('zzz', '', 0)).toEqual({ locks: [], more: false });
});

test('thirty thousand leases can be kept alive in pages', async () => {
  const script = await Script.start();
  const ids = Array.from({ length: 30_000 }, (_, at) => String(at + 1));
  for (let at = 0; at < ids.length; at += 10_000)
    script.batch(ids.slice(at, at + 10_000).map((id) => ({ call: undefined, op: op.grant(id, 3000) })));
  for (let round = 0; round < 3; round++) {
    script.elapse(2000);
    for (let at = 0; at < ids.length; at += 10_000) script.do(op.keepAlive(...ids.slice(at, at + 10_000)));
    expect(script.expireDue()).toMatchObject({ leases: 0 });
  }
  script.elapse(3000);
  expect(script.machine.dueCount(Infinity)).toBe(30_000);
  expect(script.expireDue(100_000)).toMatchObject({ leases: 30_000, more: false });
  expect(script.machine.hasTimedWork).toBe(false);
});
