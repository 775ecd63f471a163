import type { LookupAddress } from 'node:dns';

import { expect, test } from '@jest/globals';

import { type AskForHost, HostMemory } from './host-memory.js';

const HERE: LookupAddress[] = [{ address: '10.0.0.1', family: 4 }];
const MOVED: LookupAddress[] = [{ address: 'fd00::2', family: 6 }];

/** Plays the system: one answer after the other; undefined: none comes. */
function answering(...answers: readonly (LookupAddress[] | string | undefined)[]) {
  const left = [...answers];
  const asked: string[] = [];
  const ask: AskForHost = (host) => {
    asked.push(host);
    const next = left.shift();
    if (next === undefined) return new Promise(() => {});
    return typeof next === 'string'
      ? Promise.reject(Object.assign(new Error(next), { code: next }))
      : Promise.resolve(next);
  };
  return { memory: new HostMemory(ask), asked };
}

test('a host is found where it was, when its name is not answered or the answer does not come', async () => {
  const { memory } = answering(HERE, 'EAI_AGAIN', undefined);
  expect(await memory.find('replica-1')).toEqual({ addresses: HERE, remembered: false });
  expect(await memory.find('replica-1')).toEqual({ addresses: HERE, remembered: true });
  expect(await memory.find('replica-1')).toEqual({ addresses: HERE, remembered: true });
});

test('the newest answer counts, also that there is no such host', async () => {
  const { memory } = answering(HERE, MOVED, 'EAI_AGAIN', 'ENOTFOUND');
  await memory.find('replica-1');
  await memory.find('replica-1');
  expect(await memory.find('replica-1')).toEqual({ addresses: MOVED, remembered: true });
  await expect(memory.find('replica-1')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('a host that was never found is not made up', async () => {
  await expect(answering('EAI_AGAIN').memory.find('replica-1')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
});

test('what is asked in advance is asked once in a while, and stands in', async () => {
  const { memory, asked } = answering(HERE, 'EAI_AGAIN');
  memory.learn('replica-1');
  memory.learn('replica-1');
  await new Promise(setImmediate);
  expect(asked).toEqual(['replica-1']);
  expect(await memory.find('replica-1')).toEqual({ addresses: HERE, remembered: true });
});

test('sockets are told all addresses, or one, or why there are none', async () => {
  const { memory } = answering(MOVED, MOVED, 'ENOTFOUND');
  const look = (all: boolean) =>
    new Promise((resolve) => {
      memory.lookup('replica-1', { all }, (error, address, family) =>
        resolve(error === null ? { address, family } : error.code),
      );
    });
  expect(await look(true)).toEqual({ address: MOVED, family: undefined });
  expect(await look(false)).toEqual({ address: 'fd00::2', family: 6 });
  expect(await look(true)).toBe('ENOTFOUND');
});
