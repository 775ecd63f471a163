import { HostMemory, type AskForHost } from '@aegis/replica/hosts';
import { expect, jest, test } from '@jest/globals';
import { standInFor } from './stand-in.js';

const ENDPOINT = 'replica-1.invalid:4410';

function failing(code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(code), { code }));
}

function asking(address: string, family: 4 | 6 = 4) {
  const ask = jest.fn<AskForHost>(() => Promise.resolve([{ address, family }]));
  return { ask, hosts: new HostMemory(ask) };
}

test('where a host was last stands in while its name is not answered', async () => {
  const { ask, hosts } = asking('10.0.0.1');
  hosts.learn('replica-1.invalid');
  hosts.learn('replica-1.invalid');
  expect(await standInFor(ENDPOINT, hosts)).toBeUndefined();
  expect(ask.mock.calls).toEqual([['replica-1.invalid'], ['replica-1.invalid']]);
  ask.mockImplementation(() => failing('EAI_AGAIN'));
  expect(await standInFor(ENDPOINT, hosts)).toBe('10.0.0.1:4410');
});

test('a name that hangs counts as unanswered', async () => {
  const { ask, hosts } = asking('fd00::1', 6);
  await standInFor(ENDPOINT, hosts);
  ask.mockImplementation(() => new Promise(() => {}));
  expect(await standInFor(ENDPOINT, hosts)).toBe('[fd00::1]:4410');
});

test('nothing stands in for a host that does not exist any more, for one that was never found, or for an address', async () => {
  const { ask, hosts } = asking('10.0.0.1');
  await standInFor(ENDPOINT, hosts);
  ask.mockImplementation(() => failing('ENOTFOUND'));
  expect(await standInFor(ENDPOINT, hosts)).toBeUndefined();
  ask.mockImplementation(() => failing('EAI_AGAIN'));
  expect(await standInFor('replica-2.invalid:4410', hosts)).toBeUndefined();
  ask.mockClear();
  for (const address of ['127.0.0.1:4410', '[::1]:4410'])
    expect(await standInFor(address, hosts)).toBeUndefined();
  expect(ask).not.toHaveBeenCalled();
});
