import { describe, expect, test } from '@jest/globals';

import { op, Script } from '../../../state/testing/script.js';
import { PagesServer } from '../pages.js';
import { HoldingsPages } from './pages.js';
import { firstAfter, KEYS_PER_TURN } from './scan.js';

interface Told {
  readonly total: number;
  readonly next: string | null;
  readonly leases: readonly { readonly lease: string; readonly claims: readonly object[] }[];
  readonly locks: readonly { readonly name: string }[];
  readonly elections: readonly object[];
}

async function asked(pages: HoldingsPages, path: string, query: Record<string, string> = {}) {
  const page = await pages.pages[path]!(new URLSearchParams(query));
  return { status: page.status ?? 200, text: page.text };
}
async function told(...request: Parameters<typeof asked>): Promise<Told> {
  const { status, text } = await asked(...request);
  expect(status).toBe(200);
  return JSON.parse(text) as Told;
}

describe('pages of what clients hold', () => {
  test('20,000 leases are paged in the order of their ids, each once, and no turn looks at more than a few thousand', async () => {
    const script = await Script.start();
    for (let from = 1; from <= 20_000; from += 1_000)
      script.batch(
        Array.from({ length: 1_000 }, (_, at) => ({
          call: undefined,
          op: op.grant(String(from + at), 60_000),
        })),
      );
    let turns = 0;
    const pages = new HoldingsPages(script.machine, async () => void turns++);
    const first = await told(pages, '/leases', { limit: '200' });
    expect(first).toMatchObject({ total: 20_000, next: '200' });
    expect(first.leases.map(({ lease }) => lease)).toEqual(
      Array.from({ length: 200 }, (_, at) => String(at + 1)),
    );
    expect(turns).toBe(20_000 / KEYS_PER_TURN);
    expect(await told(pages, '/leases', { after: '19999' })).toMatchObject({
      leases: [{ lease: '20000', ttlMs: 60_000, claimCount: 0 }],
      next: null,
    });
  });

  test('locks and elections tell the first holders and waiters, and count all', async () => {
    const script = await Script.start();
    for (let id = 1; id <= 9; id++) script.do(op.grant(String(id), 60_000));
    for (let id = 1; id <= 9; id++) script.do(op.acquire('orders/42', String(id), { waitMs: id * 1_000 }));
    script.do(op.campaign('boss', '3', 'a secret of the candidate'));
    const pages = new HoldingsPages(script.machine);
    const { text } = await asked(pages, '/locks');
    expect(JSON.parse(text)).toMatchObject({
      total: 1,
      next: null,
      locks: [{ name: 'orders/42', holderCount: 1, waiterCount: 8, holders: [{ lease: '1', token: 1 }] }],
    });
    expect((JSON.parse(text) as { locks: { waiters: object[] }[] }).locks[0]!.waiters).toHaveLength(5);
    const elections = await asked(pages, '/elections');
    expect(JSON.parse(elections.text)).toMatchObject({
      elections: [{ name: 'boss', holders: [{ lease: '3' }] }],
    });
    expect(elections.text).not.toContain('secret');
    expect((await told(pages, '/leases')).leases[2]!.claims).toEqual([
      { kind: 'lock', name: 'orders/42', token: 0 },
      { kind: 'election', name: 'boss', token: 2 },
    ]);
  });

  test('a page of long names ends early, and paging still reaches all of them', async () => {
    const script = await Script.start();
    script.do(op.grant('1', 60_000));
    const names = Array.from({ length: 150 }, (_, at) => `${1000 + at}${'\u0001'.repeat(1_000)}`);
    for (const name of names.toReversed()) script.do(op.acquire(name, '1'));
    const pages = new HoldingsPages(script.machine);
    const seen: string[] = [];
    for (let after = '', more = true; more;) {
      const page = await told(pages, '/locks', { after, limit: '200' });
      expect(page.locks.length).toBeLessThan(100);
      seen.push(...page.locks.map(({ name }) => name));
      more = page.next !== null;
      after = page.next ?? '';
    }
    expect(seen).toEqual(names);
  });

  test('what cannot be asked is refused, and so are too many at once', async () => {
    const script = await Script.start();
    for (let id = 1; id <= KEYS_PER_TURN; id++) script.do(op.grant(String(id), 60_000));
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const pages = new HoldingsPages(script.machine, () => held);
    for (const limit of ['0', '201', '-1', 'many'])
      expect(await asked(pages, '/locks', { limit })).toMatchObject({ status: 400 });
    expect(await asked(pages, '/leases', { after: 'x' })).toMatchObject({ status: 400 });
    const waiting = [asked(pages, '/leases'), asked(pages, '/leases')];
    expect(await asked(pages, '/leases')).toMatchObject({ status: 503 });
    go();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
    expect(await asked(pages, '/leases')).toMatchObject({ status: 200 });
  });

  test('a key that comes back while the others are looked at is listed once', async () => {
    const keys = new Map(Array.from({ length: KEYS_PER_TURN }, (_, at) => [String(at).padStart(5, '0'), at]));
    const turn = async (): Promise<void> => {
      keys.delete('00000');
      keys.set('00000', 0);
    };
    const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
    expect(await firstAfter(keys.keys(), { compare, after: '', count: 2, turn })).toEqual(['00000', '00001']);
  });
});

test('a query is for the page that takes one, and its path is the same page', async () => {
  const server = new PagesServer({ '/echo': (query) => ({ text: query.getAll('name[]').join(' ') }) });
  await server.start({ host: '127.0.0.1', port: 0 });
  const at = `http://127.0.0.1:${server.port}`;
  expect(await (await fetch(`${at}/echo?name[]=a&name%5B%5D=b`)).text()).toBe('a b');
  expect((await fetch(`${at}/other?echo`)).status).toBe(404);
  await server.stop();
});
