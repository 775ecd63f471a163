import { resolveSettings } from '@aegis/replica/settings';
import { describe, expect, test } from '@jest/globals';
import { firstDocument, judgeDocument, patchBetween, sameButForConsensus, type Owner } from './document.js';

const OWNER: Owner = { namespace: 'local', cluster: 'aegis', profile: 'all', replicas: 5 };
const DEFAULTS = resolveSettings('all');
const FIRST = firstDocument(OWNER);
const asking = (settings: string): string => FIRST.replace('consensus: {}', `consensus: { ${settings} }`);

describe('the settings file of a cluster', () => {
  test('the first one asks for the defaults', () => {
    expect(judgeDocument(FIRST, OWNER, DEFAULTS, undefined)).toEqual({
      kind: 'settings',
      settings: DEFAULTS,
      reported: [],
    });
  });

  test('a person is told what binds the agent alone, and not held back by it', () => {
    const judged = judgeDocument(
      asking('electionTimeoutMs: 5000, leaseMinTtlMs: 9000'),
      OWNER,
      DEFAULTS,
      undefined,
    );
    expect(judged).toMatchObject({ kind: 'settings', settings: { electionTimeoutMs: 5000 } });
    expect(judged).toMatchObject({ reported: expect.arrayContaining([expect.stringContaining('pace-')]) });
  });

  test.each([
    ['electionTimeoutMs: 400', /rule [a-z-]+: electionTimeoutMs 400/],
    ['heartbeatIntervalMs: 900', /rule /],
  ])('%s is refused, with the rule and its numbers', (settings, message) => {
    expect(judgeDocument(asking(settings), OWNER, DEFAULTS, undefined)).toMatchObject({
      reason: 'UnsafeSettings',
      message: expect.stringMatching(message),
    });
  });

  test('what ran healthy last is never refused', () => {
    const unsafe = { ...DEFAULTS, electionTimeoutMs: 400 };
    expect(judgeDocument(asking('electionTimeoutMs: 400'), OWNER, DEFAULTS, unsafe)).toMatchObject({
      kind: 'settings',
    });
  });

  test.each([
    ['missing', undefined, 'FileMissing'],
    ['no YAML', 'a: [\n', 'InvalidDocument'],
    ['of an unknown setting', asking('fsync: 0'), 'InvalidDocument'],
    ['of another cluster', FIRST.replace('name: aegis', 'name: other'), 'InvalidDocument'],
  ])('%s: it is refused', (_, text, reason) => {
    expect(judgeDocument(text, OWNER, DEFAULTS, undefined)).toMatchObject({ kind: 'refused', reason });
  });

  test('what is beside spec.consensus is compared without it', () => {
    expect(sameButForConsensus(FIRST, asking('electionTimeoutMs: 1200'))).toBe(true);
    expect(sameButForConsensus(FIRST, FIRST.replace('profile: all', 'profile: kv'))).toBe(false);
    expect(sameButForConsensus(FIRST, `${FIRST}---\na: 1\n`)).toBe(false);
  });

  test('a patch has what differs', () => {
    expect(patchBetween(DEFAULTS, { ...DEFAULTS, electionTimeoutMs: 1300 })).toEqual({
      electionTimeoutMs: 1300,
    });
  });
});
