import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { editSettings } from './edit.js';

const TARGET = { namespace: 'shop', cluster: 'orders' };
const HEAD =
  'apiVersion: aegis.dev/v1alpha1\nkind: AegisCluster\nmetadata:\n  name: orders\n  namespace: shop\n';

const edit = (text: string, patch: object = { electionTimeoutMs: 1_200 }): string =>
  editSettings(text, TARGET, patch);

describe('numbers are replaced where they stand, and nothing else moves', () => {
  test.each([
    ['a comment behind it', 'spec:\n  consensus:\n    electionTimeoutMs: 1000 # since May\n'],
    ['odd indentation and spaces', 'spec:\n      consensus:\n         electionTimeoutMs:    1000   \n'],
    ['a flow mapping', 'spec: { consensus: { heartbeatIntervalMs: 100, electionTimeoutMs: 1000 } }\n'],
    ['a quoted name', 'spec:\n  consensus:\n    "electionTimeoutMs": 1000\n'],
    [
      'comments all around',
      '# top\nspec: # spec\n  # before\n  consensus: # c\n    # above\n    electionTimeoutMs: 1000\n    # below\n# end\n',
    ],
    ['no newline at its end', 'spec:\n  consensus:\n    electionTimeoutMs: 1000'],
    ['lines of Windows', 'spec:\r\n  consensus:\r\n    electionTimeoutMs: 1000\r\n'],
    ['hexadecimal', 'spec:\n  consensus:\n    electionTimeoutMs: 0x3e8\n'],
  ])('%s', (_, spec) => {
    const text = HEAD + spec;
    const [from, to] = text.includes('0x3e8') ? ['0x3e8', '1200'] : ['1000', '1200'];
    expect(edit(text)).toBe(text.replace(from, to));
  });

  test('in the one document of several that is meant', () => {
    const other = HEAD.replace('orders', 'other') + 'spec:\n  consensus:\n    electionTimeoutMs: 1000\n';
    const service = 'kind: Service\nmetadata: {name: orders, namespace: shop}\n';
    const own = `${HEAD}spec:\n  consensus:\n    electionTimeoutMs: 1000\n`;
    const text = `# all\n${other}---\n${service}---\n${own}---\n# rest\n`;
    const at = text.lastIndexOf('1000');
    expect(edit(text)).toBe(`${text.slice(0, at)}1200${text.slice(at + 4)}`);
  });
});

describe('what is not there yet', () => {
  test('goes on a line of its own behind the last setting', () => {
    const text = `${HEAD}spec:\n  consensus:\n    heartbeatIntervalMs: 100 # quick\n    # why not\n  # end of spec\n`;
    const line = '    electionTimeoutMs: 1200\n';
    expect(edit(text)).toBe(text.replace('# quick\n', `# quick\n${line}`));
  });

  test.each([
    ['behind a setting without a newline', 'spec:\n  consensus:\n    heartbeatIntervalMs: 100'],
    ['into a flow mapping', 'spec: { consensus: { heartbeatIntervalMs: 100 } } # one line\n'],
    ['into a spec of one line', 'spec: { profile: all }\n'],
    ['beside other things of the spec', 'spec:\n  profile: all # services\n  # end\n'],
    ['behind a multi-line text', 'spec:\n  consensus:\n    heartbeatIntervalMs: >-\n      100\n'],
    ['into an empty mapping', 'spec:\n  consensus: {} # nothing\n'],
    ['where consensus has no value', 'spec:\n  consensus:\n'],
    ['where there is no consensus', 'spec:\n  # quiet\n'],
    ['where there is no spec', ''],
    [
      'where a name has no value',
      'spec:\n  consensus:\n    electionTimeoutMs:\n    heartbeatIntervalMs: 100\n',
    ],
    ['two at once', 'spec:\n  consensus: {}\n'],
  ])('%s', (name, spec) => {
    const patch =
      name === 'two at once'
        ? { electionTimeoutMs: 1_500, leaseMinTtlMs: 2_250 }
        : { electionTimeoutMs: 1_200 };
    const edited = edit(`# mine\n${HEAD}${spec}`, patch);
    expect(edited.startsWith('# mine\n')).toBe(true);
    expect(edited.match(/# mine/g)).toHaveLength(1);
    const [document] = parseAllDocuments(edited);
    expect((document!.toJS() as { spec: { consensus: object } }).spec.consensus).toMatchObject(patch);
    for (const comment of spec.match(/# \w+/g) ?? []) expect(edited).toContain(comment);
  });
});

describe('what cannot be edited is refused', () => {
  test.each([
    ['broken YAML', `${HEAD}spec: [\n`, /not valid YAML/],
    [
      'a name twice',
      `${HEAD}spec:\n  consensus:\n    electionTimeoutMs: 1\n    electionTimeoutMs: 2\n`,
      /not valid YAML/,
    ],
    [
      'no document of the cluster',
      HEAD.replace('orders', 'other'),
      /no document of AegisCluster shop\/orders/,
    ],
    ['another namespace', HEAD.replace('shop', 'home'), /no document/],
    ['two documents of the cluster', `${HEAD}---\n${HEAD}`, /2 documents/],
    ['a spec that is a list', `${HEAD}spec: [1]\n`, /cannot be edited/],
    ['consensus that is a list', `${HEAD}spec:\n  consensus: [1]\n`, /no mapping of its own/],
    [
      'consensus that is an alias',
      `${HEAD}x: &all {electionTimeoutMs: 1000}\nspec:\n  consensus: *all\n`,
      /no mapping of its own/,
    ],
    [
      'a number that others share',
      `${HEAD}spec:\n  consensus:\n    electionTimeoutMs: &t 1000\n    leaseMinTtlMs: *t\n`,
      /change more than the settings/,
    ],
    ['another file', 'hello', /no document/],
    ['nothing', '', /no document/],
    ['too much', `${HEAD}${'# x\n'.repeat(70_000)}`, /characters/],
  ])('%s', (_, text, message) => {
    expect(() => edit(text)).toThrow(message);
  });

  test('a change of nothing', () => {
    expect(() => edit(`${HEAD}spec:\n  consensus:\n    electionTimeoutMs: 1200\n`)).toThrow(/says already/);
  });
});
