import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { conditionOf, REASONS, type Reason } from './reasons.js';

describe('reasons', () => {
  test('the page for users lists just these', () => {
    const page = readFileSync(new URL('../../../docs/config-source.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, reason]) => reason);
    expect(listed).toEqual(Object.keys(REASONS));
  });

  test('a condition says what to do, however much is wrong', () => {
    for (const reason of Object.keys(REASONS) as Reason[]) {
      const { message } = conditionOf(reason, 'x'.repeat(10_000));
      expect(message.length).toBeLessThanOrEqual(4096);
      expect(message.endsWith(REASONS[reason].advice)).toBe(true);
    }
  });
});
