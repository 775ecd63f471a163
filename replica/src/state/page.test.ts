import { describe, expect, test } from '@jest/globals';

import { op, Script } from './testing/script.js';

const longName = (at: number): string => `${String(at).padStart(4, '0')}${'x'.repeat(1000)}`;

describe('answers are bounded in bytes and in number', () => {
  test('a page of locks with long names ends early, and paging still reaches all of them', async () => {
    const script = await Script.start();
    script.do(op.grant('1', 60_000));
    for (let at = 0; at < 600; at++) script.do(op.acquire(longName(at), '1'));
    const seen: string[] = [];
    for (let after = '', more = true; more;) {
      const page = script.machine.listLocks('', after, 1000);
      expect(page.locks.length).toBeGreaterThan(0);
      expect(page.locks.length).toBeLessThan(300);
      seen.push(...page.locks.map(({ name }) => name));
      after = seen.at(-1)!;
      more = page.more;
    }
    expect(seen).toEqual(Array.from({ length: 600 }, (_, at) => longName(at)));
  });

  test('a lease lists 1,000 of its claims and counts all', async () => {
    const script = await Script.start();
    script.do(op.grant('1', 60_000));
    for (let at = 0; at < 1005; at++) script.do(op.acquire(`lock-${at}`, '1'));
    const lease = script.machine.lease('1')!;
    expect(lease.attachments).toHaveLength(1000);
    expect(lease.attachmentCount).toBe(1005);
  });
});
