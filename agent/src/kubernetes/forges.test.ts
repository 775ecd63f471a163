import type { AegisCluster } from '@aegis/crds';
import { sampleCluster } from '@aegis/operator/testing';
import { expect, test } from '@jest/globals';
import { TARGET } from '../forge/testing/pages.js';
import { forgeFor } from './forges.js';

const ACCESS = { apiUrl: 'https://forge.example', repositories: ['acme/infra'], tokenFile: '/nowhere/token' };
const SOURCE = { repository: 'Acme/Infra', path: 'orders.yaml', apiUrl: 'https://forge.example' };
const from = (configSource: object | undefined): AegisCluster =>
  sampleCluster(configSource === undefined ? {} : { configSource: { ...configSource } });

test.each([
  ['a cluster without a source', undefined, ACCESS, /no configSource/],
  ['an agent without a forge', SOURCE, undefined, /given no forge/],
  // Whoever may write an AegisCluster would be sent the token otherwise.
  ['a forge that is not the one of the token', { ...SOURCE, apiUrl: 'https://evil.example' }, ACCESS, /evil/],
  ['a repository that was not given', { ...SOURCE, repository: 'evil/infra' }, ACCESS, /evil\/infra/],
])('%s: proposals stay where they are', async (_, source, access, reason) => {
  const { forge, why } = forgeFor(from(source), access);
  expect(why).toMatch(reason);
  await forge.check();
  expect(await forge.stateOf(TARGET, 'timing')).toMatchObject({ state: 'Open', number: undefined });
});

test('the token is read when it is needed, and what is wrong with its file is said', async () => {
  const { forge, why } = forgeFor(from(SOURCE), ACCESS);
  expect(why).toBeUndefined();
  await expect(forge.stateOf(TARGET, 'timing')).rejects.toThrow('/nowhere/token');
});
