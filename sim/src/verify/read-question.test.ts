import { writeRecording } from '@aegis/agent/telemetry';
import { readTrace } from '@aegis/client/chaos';
import { resolveSettings } from '@aegis/replica/settings';
import { expect, test } from '@jest/globals';

import { runSeed } from '../run/run-seed.js';
import { judgeReplay } from './judge.js';
import { QuestionError } from './question.js';
import { readQuestion } from './read-question.js';
import { runJob, type Run } from './side.js';

const TRACE = 'name: one\nabout: Something.\nduration: 30s\nreplicas: 5\n';
const GOOD = {
  version: 1,
  class: 'ElectionStorm',
  replicas: 5,
  profile: 'locks' as const,
  base: { electionTimeoutMs: 800 },
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
  [{ version: 2 }, 'version: must be 1, is a number.'],
  [{ klass: 1 }, 'klass: unknown field.'],
  [{ class: 'Storm' }, 'class: must be one of ElectionStorm, '],
  [{ replicas: 9 }, 'replicas: must be a whole number from 1 to 7, is 9.'],
  [{ replicas: 3 }, 'trace.replicas: the trace is of 5 replicas, the cluster has 3.'],
  [{ profile: 'none' }, 'profile: must be one of '],
  [{ base: { electionTimeoutMs: 1 } }, 'base.electionTimeoutMs: must be a whole number of milliseconds'],
  [{ base: { fsync: false } }, 'base.fsync: unknown field.'],
  [{ base: [] }, 'base: must be a mapping of settings, is a list.'],
  [{ base: { electionTimeoutMs: 300 } }, 'base: no replica starts with these settings, rule '],
  [{ patch: { electionTimeoutMs: 300 } }, 'patch: no replica starts with these settings, rule '],
  [{ patch: { electionTimeoutMs: 800 } }, 'patch: changes nothing: there is nothing to compare.'],
  [{ patch: undefined }, 'patch: say either patch, or candidates'],
  [{ candidates: [] }, 'patch: say either patch, or candidates'],
  [{ patch: undefined, candidates: [] }, 'candidates: must be a list of 1 to 4 patches, is a list.'],
  [{ patch: undefined, candidates: ['x'] }, 'candidates[0]: must be a mapping of settings, is the text "x".'],
  [
    { trace: 5 },
    'trace: must be the YAML text of a trace (docs/chaos.md), or say recording; it is a number.',
  ],
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
  [{ class: undefined }, 'class: must be one of ElectionStorm, '],
  [{ scrapeMs: 5 }, 'scrapeMs: must be a number from 100 to 10000, is 5.'],
  [{ recording: 5 }, 'recording: must be the text of a recording (docs/telemetry.md), is a number.'],
  [{ recording: 'x' }, 'recording: recording, line 1: the last line is not ended: the file was cut.'],
  [
    { recording: '{"format":"aegis-telemetry","version":1,"scrapeMs":1000,"replicas":{"a":1}}\n' },
    'recording: the recording has 0 ms; ',
  ],
  [{ seed: 0 }, 'seed: must be a whole number from 1 to '],
])('%j is refused, and says why', (more, problem) => {
  expect(problems(more)).toContain(problem);
});

test('all that is wrong is listed at once; what is no JSON, no object or too long is refused', () => {
  const all = problems({ class: 'x', replicas: 0, seed: 'y' });
  for (const path of ['class', 'replicas', 'seed']) expect(all).toContain(`  ${path}: `);
  expect(problemsOf('{')).toContain('here cannot be verified\n  not valid JSON: ');
  expect(problemsOf('[]')).toContain('must be a JSON object, is a list.');
  expect(problemsOf(`"${'x'.repeat(34_000_000)}"`)).toContain('at most 33554432 characters are read');
});

test('what the agent hands to the supervisor is a question: class, trace and what was observed come out of the recording', async () => {
  const { recording } = await runSeed(1, {
    steps: undefined,
    seconds: 16,
    loaded: false,
    plan: undefined,
    chaos: readTrace(
      'name: dying\nabout: For a test.\nduration: 16s\nfaults: [{ kind: kill, on: leader, at: 1s, every: 3s }]\nload: [{ kind: puts, clients: 2, perSecond: 5 }]',
      'here',
    ),
    scrapeMs: 500,
  });
  const { profile, replicas, patch } = GOOD;
  const given = {
    version: 1,
    incident: 'i-1',
    beganAt: 5,
    profile,
    replicas,
    base: resolveSettings(profile),
    patch,
  };
  const text = writeRecording(recording!);
  const question = readQuestion(JSON.stringify({ ...given, recording: text }), 'here');
  const { class: name, trace, surroundings, observed, scrapeMs } = question;
  expect({ name, scrapeMs, replicas: trace.replicas }).toEqual({
    name: 'ElectionStorm',
    scrapeMs: 500,
    replicas: 5,
  });
  expect(observed).toBeGreaterThan(10);
  expect(trace.faults.filter(({ kind }) => kind === 'kill').length).toBeGreaterThanOrEqual(3);
  expect(surroundings!.fsyncMs).toBeLessThan(1);
  // And it happens again, to whoever leads then.
  const replays: Run[] = [];
  for (const seed of [2, 3, 4]) replays.push(await runJob(question, { seed, settings: question.base }));
  expect(judgeReplay(question, replays)).toMatchObject({ reproduced: true, classSeen: 3 });
  // What is said counts more than what was told.
  const said = readQuestion(JSON.stringify({ ...given, recording: text, observed: 3, trace: TRACE }), 'here');
  expect({ observed: said.observed, faults: said.trace.faults }).toEqual({ observed: 3, faults: [] });
}, 240_000);
