import { expect, test } from '@jest/globals';
import { libraryNames, loadTrace } from '../library.js';
import { TraceError } from './errors.js';
import { readTrace } from './read-trace.js';

const HEAD = 'name: one\nabout: Something.\nduration: 20s\n';

function problemsOf(text: string): string[] {
  try {
    readTrace(text, 'here');
  } catch (error) {
    if (error instanceof TraceError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

test('the traces of the library can be read, are called as their files, and are at least twenty', () => {
  expect(libraryNames().length).toBeGreaterThanOrEqual(20);
  for (const name of libraryNames()) expect(loadTrace(name).name).toBe(name);
});

test('a trace is what its text says, with defaults', () => {
  const trace = readTrace(
    `${HEAD}roles: { slow: follower }
settings: { electionTimeoutMs: 800 }
load:
  - { kind: locks, clients: 4, locks: 2, hold: 1.5s, at: 2s }
faults:
  - { kind: link, from: slow, to: others, both: true, at: 5s, for: 2500ms, lossPercent: 12.5 }
  - { kind: stall, on: leader, at: 1s, every: 4s, ms: 300 }
`,
    'here',
  );
  expect(trace).toEqual({
    name: 'one',
    about: 'Something.',
    seed: 1,
    durationMs: 20_000,
    replicas: 5,
    settings: { electionTimeoutMs: 800 },
    roles: { slow: 'follower' },
    load: [{ kind: 'locks', clients: 4, locks: 2, holdMs: 1500, atMs: 2000 }],
    faults: [
      {
        kind: 'link',
        from: 'slow',
        to: 'others',
        both: true,
        atMs: 5000,
        forMs: 2500,
        cut: false,
        delayMs: 0,
        jitterMs: 0,
        lossPercent: 12.5,
        bytesPerSecond: 0,
      },
      { kind: 'stall', on: 'leader', atMs: 1000, everyMs: 4000, ms: 300 },
    ],
  });
});

test.each([
  ['', 'name: must be small letters, digits and dashes, is empty.'],
  ['[', ': not valid YAML: '],
  ['- one', ': must be a mapping, is a list.'],
  [`${HEAD}name: two`, ': not valid YAML: Map keys must be unique'],
  ['name: one\nabout: x\nduration: 20', 'duration: must be a duration such as 250ms, 10s or 2m'],
  [`${HEAD}replicas: 9`, 'replicas: must be a whole number from 1 to 7, is 9.'],
  [`${HEAD}falts: []`, 'falts: unknown field. Did you mean faults?'],
  [`${HEAD}roles: { leader: any }`, 'roles.leader: means something else already.'],
  [`${HEAD}roles: { a: leader, b: leader }`, 'roles: there is one leader only.'],
  [`${HEAD}replicas: 1\nroles: { a: follower }`, 'roles: one of the replicas is the leader.'],
  [`${HEAD}faults: { kind: kill }`, 'faults: must be a list of at most 200 entries, is a mapping.'],
  [
    `${HEAD}faults: [{ kind: kill }]`,
    'faults[0].on: must be one of leader, followers, others, all, is empty.',
  ],
  [`${HEAD}faults: [{ kind: kill, on: all, for: 1s }]`, 'faults[0].for: unknown field.'],
  [`${HEAD}faults: [{ kind: pause, on: all, at: 30s }]`, 'faults[0].at: must be a duration'],
  [`${HEAD}faults: [{ kind: pause, on: all, at: 15s, for: 6s }]`, 'faults[0].for: must be a duration'],
  [
    `${HEAD}faults: [{ kind: pause, on: all, for: 3s, every: 2s }]`,
    'faults[0].every: a fault that comes again',
  ],
  [`${HEAD}faults: [{ kind: fsync, on: all }]`, 'faults[0].kind: say slowMs, or stalled: true.'],
  [`${HEAD}faults: [{ kind: link, from: all, to: all }]`, 'faults[0].kind: the link is as it should be'],
  [
    `${HEAD}faults: [{ kind: link, from: all, to: all, lossPercent: .nan }]`,
    'faults[0].lossPercent: must be a number from',
  ],
  [`${HEAD}load: [{ kind: puts, clients: 0 }]`, 'load[0].clients: must be a whole number from 1'],
  [`${HEAD}settings: { electionTimeoutMs: 200, heartbeatIntervalMs: 100 }`, 'settings: unsafe, rule '],
  [`${HEAD}settings: { fsync: 0 }`, 'settings.fsync: unknown field.'],
  [`#${'x'.repeat(70_000)}`, ': a trace has at most 65536 characters'],
])('%j is refused, and says why', (text, problem) => {
  expect(problemsOf(text).join('\n')).toContain(problem);
});
