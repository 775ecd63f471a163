import { describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@aegis/proto/v1/error';
import { KvRangeRequest } from '@aegis/proto/v1/kv';

import { ProfileGate } from './profile-gate.js';
import type { Request } from './limits.js';

const requests: Record<string, Request> = {
  lock: { $case: 'lockDescribe', value: { name: 'a', stale: false } },
  election: { $case: 'leader', value: { election: 'a', stale: false } },
  kv: { $case: 'kvRange', value: KvRangeRequest.create({ key: Buffer.from('a') }) },
  lease: { $case: 'leaseRevoke', value: { lease: '1' } },
};

describe('the profile of a cluster opens just its services', () => {
  test.each([
    ['locks', ['lock', 'election', 'lease']],
    ['kv', ['kv', 'lease']],
    ['all', ['lock', 'election', 'kv', 'lease']],
  ] as const)('%s: %j', (profile, open) => {
    const gate = new ProfileGate(profile);
    const answering = Object.keys(requests).filter((name) => gate.judge(requests[name]) === undefined);
    expect(answering).toEqual(open);
  });

  test('a closed service says which, and in which profile', () => {
    const refused = new ProfileGate('locks').judge(requests['kv']);
    expect(refused).toMatchObject({ code: ErrorCode.SERVICE_DISABLED, definite: true });
    expect(refused?.message).toMatch(/KV is not open in the profile locks/);
  });
});
