import { windowOf, type Recording } from '@aegis/agent/telemetry';
import { checkEnvelope, patched } from '@aegis/replica/settings';
import { expect, test } from '@jest/globals';

import { realDirection, realOf } from './real.js';
import { PAIRS, questionOf } from './table.js';

test('eight pairs, two or more of them harmful, all of settings that replicas start with', () => {
  expect(PAIRS).toHaveLength(8);
  expect(new Set(PAIRS.map(({ name }) => name)).size).toBe(8);
  expect(PAIRS.filter(({ harmful }) => harmful).length).toBeGreaterThanOrEqual(2);
  for (const pair of PAIRS) {
    const { base, candidates, trace, replicas } = questionOf(pair, 1);
    for (const settings of [base, patched(base, candidates[0]!)])
      expect({ pair: pair.name, passed: checkEnvelope(settings, { replicas }).passed }).toEqual({
        pair: pair.name,
        passed: true,
      });
    expect(trace.durationMs).toBe(60_000);
  }
});

/** One replica whose term grows, and which commits or not. */
function recorded(terms: number, perSecond: number): Recording {
  return {
    replicas: { a: 1 },
    scrapeMs: 1000,
    scrapes: Array.from({ length: 61 }, (_, second) => ({
      atMs: second * 1000,
      replica: 'a',
      reading: {
        values: {
          aegis_raft_term: 1 + Math.floor((terms * second) / 60),
          aegis_proposals_committed_index: second < 20 ? second * 100 : 2000 + (second - 20) * perSecond,
          aegis_commands_applied_total: second * 100,
        },
        links: {},
        unreadable: 0,
      },
    })),
  };
}

test('real recordings show a direction: better, worse by the first or by another signal, or the same', () => {
  const storm = { class: 'ElectionStorm' } as const;
  const of = (...given: Recording[]) => given.map(windowOf);
  const bad = recorded(10, 100);
  expect(realDirection(storm, of(bad), of(recorded(2, 100)))).toEqual({
    direction: 'better',
    before: 10,
    after: 2,
  });
  expect(realDirection(storm, of(recorded(2, 100)), of(bad)).direction).toBe('worse');
  expect(realDirection(storm, of(bad), of(recorded(9, 100))).direction).toBe('same');
  const dead: Recording = {
    ...bad,
    scrapes: bad.scrapes.map((scrape, at) =>
      at > 50 ? { ...scrape, reading: bad.scrapes[50]!.reading } : scrape,
    ),
  };
  expect(realDirection(storm, of(bad), of({ ...dead })).direction).toBe('worse');
  expect(realOf(PAIRS[0]!, new URL('.', import.meta.url).pathname)).toBeUndefined();
});
