import { expect, test } from '@jest/globals';
import { parseOptions, UsageError, type OperatorOptions } from './options.js';

const IMAGE = '--member-image=aegis:1';
const parse = (argv: readonly string[], env = {}) => parseOptions(argv, env) as OperatorOptions;

test('what the chart passes is understood', () => {
  const argv = [
    IMAGE,
    '--election=aegis-operator',
    '--lease-seconds=30',
    '--agent-user=system:serviceaccount:a:b',
    '--agent-login=tuner',
    '--agent-login=tuner[bot]',
    '--watch-namespaces=shop,house,shop',
    '--pod-labels=app.kubernetes.io/name=aegis-operator,app.kubernetes.io/instance=a',
  ];
  const options = parse(argv, { POD_NAME: 'aegis-operator-0', POD_NAMESPACE: 'system' });
  expect(options).toMatchObject({
    memberImage: 'aegis:1',
    verifierImage: 'aegis:1',
    election: 'aegis-operator',
    leaseSeconds: 30,
    namespace: 'system',
    watchNamespaces: ['shop', 'house'],
    agentLogins: ['tuner', 'tuner[bot]'],
    podLabels: { 'app.kubernetes.io/name': 'aegis-operator', 'app.kubernetes.io/instance': 'a' },
    listen: { host: '0.0.0.0', port: 8080 },
  });
  expect(parse([IMAGE, '--verifier-image=aegis:2']).verifierImage).toBe('aegis:2');
  expect(options.identity).toContain('aegis-operator-0');
  expect(parse([IMAGE])).toMatchObject({ watchNamespaces: undefined, leaseSeconds: 15 });
  expect(parseOptions(['--help'], {})).toBe('help');
});

test.each([
  [[], '--member-image'],
  [[IMAGE, '--watch-namespaces=shop,,house'], '--watch-namespaces'],
  [[IMAGE, '--election=Not A Name'], '--election'],
  [[IMAGE, '--pod-labels=just-a-name'], '--pod-labels'],
  [[IMAGE, '--listen=8080'], '--listen'],
  [[IMAGE, '--lease-seconds=4'], '--lease-seconds'],
  [[IMAGE, '--lease-seconds=301'], '--lease-seconds'],
  [[IMAGE, '--lease-seconds=15.5'], '--lease-seconds'],
  [[IMAGE, '--verifier-image= '], '--verifier-image'],
  [[IMAGE, '--unknown'], '--unknown'],
])('%j is refused and says which flag', (argv, flag) => {
  expect(() => parse(argv)).toThrow(UsageError);
  expect(() => parse(argv)).toThrow(flag);
});
