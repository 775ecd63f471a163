import { beforeAll, expect } from '@jest/globals';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

import { eventually } from './harness/clock.js';
import { freePorts } from './harness/ports.js';
import { TestBed } from './harness/test-bed.js';
import { UpCluster } from './harness/up.js';

const PRINT_TOKEN = ['--', 'sh', '-c', 'echo $AEGIS_FENCING_TOKEN'];

/** Ends when there is a file of the name that is its last argument. */
const UNTIL_IT_IS_THERE = ['--', 'sh', '-c', 'echo holding; until [ -e "$0" ]; do sleep 0.1; done'];

const bed = new TestBed();
let cluster: UpCluster;
beforeAll(async () => {
  cluster = await UpCluster.start(bed, 'command', 5);
}, 90_000);

bed.scenario('aegis status shows five healthy members and one leader', 30_000, async () => {
  const status = await cluster.status();
  expect(status.profile).toBe('all');
  expect(status.term).toBeGreaterThan(0);
  expect(status.members.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  expect(status.members.every(({ healthy, term }) => healthy && term === status.term)).toBe(true);
  expect(status.members.filter(({ role }) => role === 'leader').map(({ id }) => id)).toEqual([status.leader]);
  expect(new Set(status.members.map(({ pid }) => pid)).size).toBe(5);
  for (const member of status.members) {
    expect(member.commit).toBeGreaterThanOrEqual(member.applied);
    expect((await fetch(`http://${member.metrics}/livez`)).status).toBe(200);
  }
  expect(await cluster.run('status')).toContain(`leader ${status.leader}`);
});

bed.scenario(
  'aegis lock runs a command with a token that grows, and passes its status on',
  60_000,
  async () => {
    const tokens: number[] = [];
    for (let run = 0; run < 3; run++) tokens.push(Number(await cluster.run('lock', 'demo', ...PRINT_TOKEN)));
    expect(tokens.every((token) => token > 0)).toBe(true);
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
    expect(await cluster.aegis('lock', 'demo', '--', 'sh', '-c', 'exit 42').status(15_000)).toBe(42);
    expect(await cluster.aegis('lock', 'demo', '--', 'sh', '-c', 'kill -TERM $$').status(15_000)).toBe(
      128 + 15,
    );
    expect(await cluster.aegis('lock', 'demo', '--', 'no-such-program').status(15_000)).toBe(127);
  },
);

bed.scenario('a lock that others hold is waited for, or not', 60_000, async () => {
  const held = join(bed.folder, 'busy-done');
  const holder = cluster.aegis('lock', 'busy', ...UNTIL_IT_IS_THERE, held);
  await holder.line('holding', 15_000, (line) => line === 'holding');
  const unwilling = cluster.aegis('lock', 'busy', '--wait', '0', '--', 'true');
  expect(await unwilling.status(15_000)).toBe(4);
  expect(unwilling.stderr.join('\n')).toMatch(/busy.*not granted/);
  const willing = cluster.aegis('lock', 'busy', '--wait', '20s', ...PRINT_TOKEN);
  await eventually('somebody waiting for the lock', 15_000, async () => {
    const { waiterCount } = await cluster.json<{ waiterCount: number }>('describe', 'busy');
    return waiterCount === 1 || undefined;
  });
  expect(willing.running).toBe(true);
  writeFileSync(held, '');
  expect(await willing.status(15_000)).toBe(0);
  expect(Number(willing.stdout.join(''))).toBeGreaterThan(0);
  expect(await holder.status(15_000)).toBe(0);
  const full = join(bed.folder, 'pool-done');
  const pool = ['lock', 'pool', '--permits', '2', ...UNTIL_IT_IS_THERE, full];
  const both = [cluster.aegis(...pool), cluster.aegis(...pool)];
  await Promise.all(both.map((one) => one.line('holding', 15_000, (line) => line === 'holding')));
  expect(
    await cluster.aegis('lock', 'pool', '--permits', '2', '--wait', '0', '--', 'true').status(15_000),
  ).toBe(4);
  writeFileSync(full, '');
  for (const one of both) expect(await one.status(15_000)).toBe(0);
});

bed.scenario('the command is stopped when its lock is lost', 60_000, async () => {
  const holder = cluster.aegis('lock', 'lost', '--ttl', '3s', '--', 'sh', '-c', 'echo holding; sleep 60');
  await holder.line('holding', 15_000, (line) => line === 'holding');
  const described = await cluster.json<{ holders: { lease: string }[] }>('describe', 'lost');
  await cluster.run('lease', 'revoke', described.holders[0]!.lease);
  expect(await holder.status(10_000)).toBe(5);
  expect(holder.stderr.join('\n')).toMatch(/lost/);
});

bed.scenario('aegis lease grants, shows, renews, lists and revokes', 60_000, async () => {
  const { lease } = await cluster.json<{ lease: string }>('lease', 'grant', '--ttl', '60s');
  expect(await cluster.json('lease', 'ttl', lease)).toMatchObject({ lease, ttlMs: 60_000 });
  expect(await cluster.json('lease', 'keep-alive', lease, '--once')).toMatchObject({ lease, ttlMs: 60_000 });
  const { leases } = await cluster.json<{ leases: { lease: string }[] }>('lease', 'list');
  expect(leases.map((each) => each.lease)).toContain(lease);
  await cluster.run('lease', 'revoke', lease);
  const gone = cluster.aegis('lease', 'ttl', lease);
  expect(await gone.status(15_000)).toBe(1);
  expect(gone.stderr.join('\n')).toContain('LEASE_NOT_FOUND');
});

bed.scenario('aegis elect leads while its command runs, and others see it', 60_000, async () => {
  const enough = join(bed.folder, 'enough');
  const leads = cluster.aegis('elect', 'primary', 'me', ...UNTIL_IT_IS_THERE, enough);
  await leads.line('holding', 15_000, (line) => line === 'holding');
  const seen = await cluster.json<{ leader: { value: string; token: number } }>('elect', 'leader', 'primary');
  expect(seen.leader.value).toBe('me');
  expect(seen.leader.token).toBeGreaterThan(0);
  writeFileSync(enough, '');
  expect(await leads.status(15_000)).toBe(0);
  expect(await cluster.aegis('elect', 'leader', 'primary').status(15_000)).toBe(1);
});

bed.scenario('aegis transfer-leader hands leadership to the member that is named', 60_000, async () => {
  const before = await cluster.status();
  const target = (before.leader % 5) + 1;
  expect(await cluster.json('transfer-leader', `${target}`)).toMatchObject({ leader: target });
  const after = await cluster.status();
  expect(after.leader).toBe(target);
  expect(after.term).toBeGreaterThan(before.term);
  const nobody = cluster.aegis('transfer-leader', '99');
  expect(await nobody.status(15_000)).toBe(1);
  expect(nobody.stderr.join('\n')).toContain('MEMBER_NOT_FOUND');
});

bed.scenario('aegis bench lock measures', 60_000, async () => {
  const flags = ['--clients', '50', '--connections', '5', '--seconds', '2'];
  const result = await cluster.json<{ cyclesPerSecond: number; errors: object }>('bench', 'lock', ...flags);
  expect(result.cyclesPerSecond).toBeGreaterThan(0);
  expect(result.errors).toEqual({});
});

bed.scenario('a member that is killed is started again by the supervisor', 60_000, async () => {
  const before = await cluster.status();
  const victim = before.members.find(({ id }) => id !== before.leader)!;
  process.kill(victim.pid, 'SIGKILL');
  await eventually('the member being back', 20_000, async () => {
    const now = (await cluster.status()).members.find(({ id }) => id === victim.id)!;
    return now.healthy && now.pid !== victim.pid ? true : undefined;
  });
});

bed.scenario('wrong usage is refused with the flag and what is allowed', 90_000, async () => {
  const cases: [args: string[], status: number, says: RegExp][] = [
    [['lock', 'a', '--ttl', '0', '--', 'true'], 2, /--ttl.*0/],
    [['lock', 'a', '--ttl=-5s', '--', 'true'], 2, /--ttl.*-5s/],
    [['lock', 'a', '--ttl', '1000h', '--', 'true'], 2, /--ttl.*1000h/],
    [['lock', 'a', '--ttl', '100ms', '--', 'true'], 2, /100 ms.*2000/],
    [['lock', 'n'.repeat(1_025), '--', 'true'], 2, /lock name.*1025/],
    [['lock', 'a', '--permits', '0', '--', 'true'], 2, /--permits.*1 to 1000000/],
    [['lock', 'a', '--shared', '--permits', '2', '--', 'true'], 2, /--shared and --permits/],
    [['frobnicate'], 2, /frobnicate/],
    [['status', '--endpoints', 'nonsense'], 2, /--endpoints.*nonsense/],
    [['lease', 'revoke', 'abc'], 2, /LEASE.*abc/],
    [['status', '--dir', join(bed.folder, 'nowhere')], 2, /nowhere.*aegis up/],
    [['up', '--profile', 'zk', '--dir', join(bed.folder, 'zk')], 1, /no such profile/],
    [['up', '--detach'], 1, /is running.*aegis down/],
  ];
  const ran = cases.map(async ([args, status, says]) => {
    const command = cluster.aegis(...args);
    expect({ args, status: await command.status(30_000) }).toEqual({ args, status });
    expect(command.stderr.join('\n')).toMatch(says);
  });
  await Promise.all(ran);
  const closed = await freePorts(1);
  const unreachable = cluster.aegis('lease', 'list', '--endpoints', `127.0.0.1:${closed}`, '--timeout', '2s');
  expect(await unreachable.status(15_000)).toBe(3);
  expect(unreachable.stderr.join('\n')).toContain(`127.0.0.1:${closed}`);
});

bed.scenario('aegis up refuses a port in use and a folder that holds something else', 60_000, async () => {
  const port = await freePorts(13);
  const squatter = createServer().listen(port + 10, '127.0.0.1');
  await once(squatter, 'listening');
  const flags = ['--base-port', `${port}`, '--replicas', '3'];
  const refused = bed.aegis(['up', '--detach', '--dir', join(bed.folder, 'squatted'), ...flags]);
  expect(await refused.status(30_000)).toBe(1);
  expect(refused.stderr.join('\n')).toMatch(new RegExp(`${port + 10}.*in use.*--base-port`));
  squatter.close();

  const full = join(bed.folder, 'full');
  mkdirSync(full);
  writeFileSync(join(full, 'diary.txt'), 'mine');
  const foreign = bed.aegis(['up', '--detach', '--dir', full, ...flags]);
  expect(await foreign.status(30_000)).toBe(1);
  expect(foreign.stderr.join('\n')).toMatch(/full.*not empty/);
  expect(existsSync(join(full, 'diary.txt'))).toBe(true);
});

bed.scenario('aegis down stops all, keeps the data, and --volumes removes it', 90_000, async () => {
  const token = Number(await cluster.run('lock', 'kept', ...PRINT_TOKEN));
  const before = await cluster.status();
  await cluster.run('down');
  for (const { pid } of before.members) expect(runs(pid)).toBe(false);
  const gone = cluster.aegis('status', '--timeout', '2s');
  expect(await gone.status(15_000)).toBe(3);
  await cluster.run('up', '--detach');
  expect(Number(await cluster.run('lock', 'kept', ...PRINT_TOKEN))).toBeGreaterThan(token);
  await cluster.run('down', '--volumes');
  expect(existsSync(cluster.folder)).toBe(false);
});

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
