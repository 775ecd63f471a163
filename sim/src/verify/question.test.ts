import { environmentOf } from '@aegis/agent/counterfactual';
import { expect, test } from '@jest/globals';

import { QuestionError, readQuestion } from './question.js';

const TRACE = 'name: one\nabout: Something.\nduration: 30s\nreplicas: 5\n';
const GOOD = {
  format: 'aegis-verification',
  version: 1,
  class: 'ElectionStorm',
  replicas: 5,
  profile: 'locks',
  settings: { electionTimeoutMs: 800 },
  patch: { electionTimeoutMs: 1200 },
  trace: TRACE,
  surroundings: { fsyncMs: 0.5, oneWayMs: 0.2 },
  observed: 6.5,
  seed: 7,
};

function problems(more: Record<string, unknown>): string {
  return problemsOf(JSON.stringify({ ...GOOD, ...more }));
}

function problemsOf(text: string): string {
  try {
    readQuestion(text, 'here');
    return '';
  } catch (error) {
    if (error instanceof QuestionError) return error.message;
    throw error;
  }
}

test('a question is what its JSON says, settings filled up by the profile', () => {
  const question = readQuestion(JSON.stringify(GOOD), 'here');
  expect(question).toMatchObject({ class: 'ElectionStorm', replicas: 5, observed: 6.5, seed: 7 });
  expect(question.base).toMatchObject({
    electionTimeoutMs: 800,
    heartbeatIntervalMs: 100,
    logRetentionEntries: 100_000,
  });
  expect(question.candidates).toEqual([{ electionTimeoutMs: 1200 }]);
  expect(question.trace.durationMs).toBe(30_000);
  const { candidates, seed, observed } = readQuestion(
    JSON.stringify({
      ...GOOD,
      patch: undefined,
      seed: undefined,
      observed: undefined,
      candidates: [{ electionTimeoutMs: 900 }, { electionTimeoutMs: 1000 }],
    }),
    'here',
  );
  expect(candidates).toHaveLength(2);
  expect({ seed, observed }).toEqual({ seed: 1, observed: undefined });
});

test.each([
  [{ format: 'other' }, 'format: the input has to say "format":"aegis-verification","version":1.'],
  [{ version: 2 }, 'format: the input has to say'],
  [{ klass: 1 }, 'klass: unknown field.'],
  [{ class: 'Storm' }, 'class: must be one of ElectionStorm, '],
  [{ replicas: 9 }, 'replicas: must be a whole number from 1 to 7, is 9.'],
  [{ replicas: 3 }, 'trace.replicas: the trace is of 5 replicas, the cluster has 3.'],
  [{ profile: 'none' }, 'profile: must be one of '],
  [
    { settings: { electionTimeoutMs: 1 } },
    'settings.electionTimeoutMs: must be a whole number of milliseconds',
  ],
  [{ settings: { fsync: false } }, 'settings.fsync: unknown field.'],
  [{ settings: [] }, 'settings: must be a mapping of settings, is a list.'],
  [{ settings: { electionTimeoutMs: 300 } }, 'settings: no replica starts with these settings, rule '],
  [{ patch: { electionTimeoutMs: 300 } }, 'patch: no replica starts with these settings, rule '],
  [{ patch: { electionTimeoutMs: 800 } }, 'patch: changes nothing: there is nothing to compare.'],
  [{ patch: undefined }, 'patch: say either patch, or candidates'],
  [{ candidates: [] }, 'patch: say either patch, or candidates'],
  [{ patch: undefined, candidates: [] }, 'candidates: must be a list of 1 to 4 patches, is a list.'],
  [{ patch: undefined, candidates: ['x'] }, 'candidates[0]: must be a mapping of settings, is the text "x".'],
  [{ trace: 5 }, 'trace: must be the YAML text of a trace (docs/chaos.md), is a number.'],
  [{ trace: `${TRACE}falts: []` }, 'trace.falts: unknown field. Did you mean faults?'],
  [{ trace: '[' }, 'trace: not valid YAML: '],
  [{ trace: TRACE.replace('30s', '5s') }, 'trace.duration: must be from 10000 ms to 120000 ms, is 5000 ms'],
  [
    { trace: TRACE.replace('30s', '10m') },
    'trace.duration: must be from 10000 ms to 120000 ms, is 600000 ms',
  ],
  [{ surroundings: 1 }, 'surroundings: must say fsyncMs and oneWayMs, is a number.'],
  [
    { surroundings: { fsyncMs: -1, oneWayMs: 1 } },
    'surroundings.fsyncMs: must be a number from 0 to 10000, is -1.',
  ],
  [{ surroundings: { fsyncMs: 1 } }, 'surroundings.oneWayMs: must be a number from 0 to 10000, is empty.'],
  [{ surroundings: { fsyncMs: 1, oneWayMs: 1, x: 1 } }, 'surroundings.x: unknown field.'],
  [{ observed: '6' }, 'observed: must be a number from 0 to '],
  [{ seed: 0 }, 'seed: must be a whole number from 1 to '],
])('%j is refused, and says why', (more, problem) => {
  expect(problems(more)).toContain(problem);
});

test('all that is wrong is listed at once; what is no JSON, no object or too long is refused', () => {
  const all = problems({ class: 'x', replicas: 0, seed: 'y' });
  for (const path of ['class', 'replicas', 'seed']) expect(all).toContain(`  ${path}: `);
  expect(problemsOf('{')).toContain('here cannot be verified\n  not valid JSON: ');
  expect(problemsOf('[]')).toContain('must be a JSON object, is a list.');
  expect(problemsOf(`"${'x'.repeat(1_000_000)}"`)).toContain('at most 921600 characters are read');
});

test('an environment out of telemetry is a question that can be read', async () => {
  const { runSeed } = await import('../run/run-seed.js');
  const { recording } = await runSeed(1, {
    steps: undefined,
    seconds: 12,
    loaded: true,
    plan: undefined,
    scrapeMs: 1000,
  });
  const { trace, surroundings } = environmentOf(recording!);
  const question = readQuestion(JSON.stringify({ ...GOOD, trace, surroundings }), 'here');
  expect(Object.values(question.trace.roles).sort()).toEqual([
    'follower',
    'follower',
    'follower',
    'follower',
    'leader',
  ]);
  expect(question.trace.load.length).toBeGreaterThan(0);
  expect(question.surroundings!.fsyncMs).toBeGreaterThan(0.05);
  expect(question.surroundings!.fsyncMs).toBeLessThan(1);
}, 60_000);
