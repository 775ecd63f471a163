import { resolveSettings } from '@aegis/replica/settings';
import { expect, test } from '@jest/globals';
import { EnvironmentError } from '../counterfactual/environment.js';
import { ONSET, TARGET } from '../forge/testing/pages.js';
import type { Incident } from '../graph/index.js';
import { scripted, type Script } from '../testing/cluster.js';
import { question } from './question.js';

const incident = (script: Script): Incident => ({
  ...{ id: 'i-1', target: TARGET, recording: scripted(script), beganAt: ONSET, profile: 'all', replicas: 5 },
  base: resolveSettings('all'),
});
const STORM: Script = {
  seconds: 100,
  everySeconds: 5,
  replica: (second) => ({ term: 3 + Math.floor(second / 10) }),
};
const PATCH = { electionTimeoutMs: 1_200 };

test('a verifier is asked for what the patch is aimed at, with what was measured, and the same each time', () => {
  const asked = question(incident(STORM), PATCH);
  expect(question(incident(STORM), PATCH)).toBe(asked);
  expect(JSON.parse(asked)).toMatchObject({
    ...{ version: 1, incident: 'i-1', class: 'ElectionStorm', replicas: 5, profile: 'all', patch: PATCH },
    base: resolveSettings('all'),
    trace: expect.stringContaining('name: incident'),
    surroundings: { fsyncMs: expect.any(Number), oneWayMs: expect.any(Number) },
    observed: expect.any(Number),
    scrapeMs: 5_000,
  });
  expect(asked.length).toBeLessThan(16_384);
});

test('telemetry that shows nothing is no question', () => {
  expect(() => question(incident({ seconds: 100 }), PATCH)).toThrow(EnvironmentError);
  expect(() => question(incident({ seconds: 5 }), PATCH)).toThrow(EnvironmentError);
});
