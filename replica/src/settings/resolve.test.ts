import { expect, test } from '@jest/globals';
import { closestName } from './closest-name.js';
import { SettingsError } from './errors.js';
import { FIELDS, SETTING_NAMES } from './fields.js';
import { PROFILES } from './profile.js';
import { resolveSettings } from './resolve.js';

test('what is given stands, the rest comes from the profile', () => {
  for (const profile of PROFILES) {
    const settings = resolveSettings(profile, { electionTimeoutMs: 2000 });
    expect(Object.keys(settings)).toEqual(SETTING_NAMES);
    for (const name of SETTING_NAMES) {
      expect(settings[name]).toBe(name === 'electionTimeoutMs' ? 2000 : FIELDS[name].defaults[profile]);
    }
  }
  expect(resolveSettings('kv')).toMatchObject({ heartbeatIntervalMs: 100, electionTimeoutMs: 1000 });
});

test('what is given is checked', () => {
  expect(() => resolveSettings('kv', { electionTimeoutMs: 1 })).toThrow(SettingsError);
  expect(() => resolveSettings('kv', { electionTimeout: 1000 } as never)).toThrow(
    /Did you mean electionTimeoutMs/,
  );
  expect(() => resolveSettings('kv', JSON.parse('{"__proto__": 1, "toString": 2}') as never)).toThrow(
    /toString/,
  );
});

test('nothing that must not be tuned is in the schema', () => {
  expect(SETTING_NAMES.join(' ')).not.toMatch(/fsync|preVote|checkQuorum|quorum|member|path|leaseRead/i);
});

test('a name is suggested only when it is near', () => {
  expect(closestName('heartbeatIntervalMS', SETTING_NAMES)).toBe('heartbeatIntervalMs');
  expect(closestName('heartbeatMs', SETTING_NAMES)).toBeUndefined();
  expect(closestName('quorumSize', SETTING_NAMES)).toBeUndefined();
});
