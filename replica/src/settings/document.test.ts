import { expect, test } from '@jest/globals';
import { parseSettingsDocument } from './document.js';
import { SettingsError } from './errors.js';
import { DEFAULT_PROFILE } from './profile.js';

const HEAD = 'apiVersion: aegis.dev/v1alpha1\nkind: AegisCluster\nmetadata:\n  name: orders\n';

function problemsOf(text: string): string[] {
  try {
    parseSettingsDocument(text);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

test('a settings document gives what it says and no defaults', () => {
  const text = `# kept by people\n${HEAD}  namespace: shop\nspec:\n  profile: locks\n  consensus:\n    heartbeatIntervalMs: 50 # fast\n`;
  expect(parseSettingsDocument(text)).toEqual({
    name: 'orders',
    namespace: 'shop',
    profile: 'locks',
    consensus: { heartbeatIntervalMs: 50 },
  });
  expect(parseSettingsDocument(`${HEAD}spec: {}\n`)).toMatchObject({
    profile: DEFAULT_PROFILE,
    consensus: {},
  });
});

test('other kinds in the file are passed over, a second settings document is not', () => {
  const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n---\n';
  expect(problemsOf(`${other}${HEAD}spec: {}\n---\n`)).toEqual([]);
  expect(problemsOf(`${HEAD}spec: {}\n---\n${HEAD}spec: {}\n`)).toEqual([
    ': there are 2 settings documents where one is allowed.',
  ]);
  expect(problemsOf(other)).toEqual([': there is no document of kind AegisCluster.']);
  expect(problemsOf('')).toEqual([': there is no document of kind AegisCluster.']);
});

test('a bare mapping of settings is not accepted', () => {
  const problems = problemsOf('heartbeatIntervalMs: 100\nelectionTimeoutMs: 1000\n').join('\n');
  expect(problems).toContain(
    'apiVersion: must be aegis.dev/v1alpha1, is empty. A bare mapping of settings is not accepted.',
  );
  expect(problems).toContain('heartbeatIntervalMs: unknown field.');
});

test('every problem is named by its path, with what is allowed', () => {
  const text = `${HEAD}spec:
  profil: kv
  consensus:
    heartbeatIntervallMs: 100
    electionTimeoutMs: "1000"
    maxBatchBytes: 1.5
    maxInflightMessages: 0
    leaseMinTtlMs: 99999999999999999999
    leaseMaxTtlMs:
    clockOffsetAlertMs: [1]
    fsync: false
`;
  const problems = problemsOf(text);
  expect(problems).toHaveLength(9);
  for (const expected of [
    'spec.profil: unknown field. Did you mean profile? Allowed: profile, consensus.',
    'spec.consensus.heartbeatIntervallMs: unknown field. Did you mean heartbeatIntervalMs? Allowed: heartbeatIntervalMs,',
    'spec.consensus.electionTimeoutMs: must be a whole number of milliseconds from 50 to 50000, is the text "1000".',
    'spec.consensus.maxBatchBytes: must be a whole number of bytes from 16384 to 8388608, is 1.5.',
    'spec.consensus.maxInflightMessages: must be a whole number of messages from 1 to 4096, is 0.',
    'spec.consensus.leaseMinTtlMs: must be',
    'spec.consensus.leaseMaxTtlMs: must be a whole number of milliseconds from 1000 to 2592000000, is empty.',
    'spec.consensus.clockOffsetAlertMs: must be a whole number of milliseconds from 1 to 60000, is a list.',
    'spec.consensus.fsync: unknown field. Allowed: ',
  ]) {
    expect(problems.filter((problem) => problem.startsWith(expected))).toHaveLength(1);
  }
});

test('the frame of the document is checked too', () => {
  expect(problemsOf('apiVersion: aegis.dev/v2\nkind: AegisCluster\nspec: []\nstatus: {}\n')).toEqual([
    'status: unknown field. Allowed: apiVersion, kind, metadata, spec.',
    'apiVersion: must be aegis.dev/v1alpha1, is the text "aegis.dev/v2".',
    'metadata: must be a mapping, is empty.',
    'spec: must be a mapping, is a list.',
    "metadata.name: must be the cluster's name, is empty.",
  ]);
  expect(problemsOf(`${HEAD}spec:\n  profile: fast\n`)).toEqual([
    'spec.profile: must be one of locks, kv, all, is the text "fast".',
  ]);
  expect(problemsOf('- 1\n')).toEqual([': a settings document is a mapping, this is a list.']);
});

test('what YAML itself refuses is refused: duplicates, bad syntax, bombs, floods', () => {
  expect(
    problemsOf(`${HEAD}spec:\n  consensus:\n    heartbeatIntervalMs: 1\n    heartbeatIntervalMs: 2\n`)[0],
  ).toMatch(/not valid YAML: Map keys must be unique at line 8/);
  expect(problemsOf('a: [1')[0]).toMatch(/^: not valid YAML/);
  const bomb = `a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]\n${HEAD}`;
  expect(problemsOf(bomb)[0]).toMatch(/^: not valid YAML: Excessive alias count/);
  expect(problemsOf('#'.repeat(300_000))[0]).toMatch(/at most 262144 characters/);
});
