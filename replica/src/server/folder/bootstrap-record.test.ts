import { describe, expect, test } from '@jest/globals';

import { checkBootstrapRecord } from './bootstrap-record.js';

const member = (id: number) => ({
  id,
  nonce: id.toString(16).padStart(32, '0'),
  name: `aegis-${id}`,
  peerAddress: `127.0.0.1:${4401 + 10 * id}`,
  clientAddress: `127.0.0.1:${4400 + 10 * id}`,
  metricsAddress: `127.0.0.1:${4402 + 10 * id}`,
});
const record = () => ({ clusterId: '0b0e7c1e-0000-4000-8000-000000000001', members: [1, 2, 3].map(member) });

describe('the bootstrap record', () => {
  test('a right one is taken as it is', () => {
    expect(checkBootstrapRecord(record(), 'FILE')).toEqual(record());
  });

  test.each<[string, unknown, RegExp]>([
    ['no object', [], /not a JSON object/],
    ['an unknown field', { ...record(), quorum: 2 }, /unknown field "quorum"/],
    ['no cluster id', { ...record(), clusterId: 'x' }, /clusterId/],
    ['no members', { ...record(), members: [] }, /1 to 7 members/],
    ['a shared id', { ...record(), members: [member(1), { ...member(2), id: 1 }] }, /share one id/],
    [
      'a shared nonce',
      { ...record(), members: [member(1), { ...member(2), nonce: member(1).nonce }] },
      /share one nonce/,
    ],
    ['an id of 0', { ...record(), members: [{ ...member(1), id: 0 }] }, /members\[0\]: id/],
    ['a short nonce', { ...record(), members: [{ ...member(1), nonce: 'ab' }] }, /members\[0\]: nonce/],
    [
      'no address',
      { ...record(), members: [{ ...member(1), peerAddress: 'localhost' }] },
      /"localhost" is not an address/,
    ],
    [
      'a port over the last',
      { ...record(), members: [{ ...member(1), peerAddress: 'h:70000' }] },
      /"h:70000"/,
    ],
  ])('%s is refused, saying where', (_name, value, message) => {
    expect(() => checkBootstrapRecord(value, 'FILE')).toThrow(message);
  });
});
