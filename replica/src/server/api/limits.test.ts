import { describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@aegis/proto/v1/error';
import { CampaignRequest } from '@aegis/proto/v1/election';
import { KvPutRequest } from '@aegis/proto/v1/kv';
import { LockAcquireRequest, LockMode } from '@aegis/proto/v1/lock';

import { judge, type Request } from './limits.js';

const acquire = (fields: Partial<LockAcquireRequest>): Request => ({
  $case: 'lockAcquire',
  value: LockAcquireRequest.create({ name: 'a', lease: '7', waitMs: -1, ...fields }),
});

describe('requests are bounded before anything is proposed', () => {
  test.each<[string, Request]>([
    ['a plain acquire', acquire({})],
    ['a name at the limit', acquire({ name: 'é'.repeat(512) })],
    ['a semaphore', acquire({ mode: LockMode.SEMAPHORE, permits: 3 })],
    [
      'an election value at the limit',
      {
        $case: 'campaign',
        value: CampaignRequest.create({ election: 'e', lease: '1', value: Buffer.alloc(65536) }),
      },
    ],
    ['a grant', { $case: 'leaseGrant', value: { lease: '0', ttlMs: 5000 } }],
  ])('%s passes', (_name, request) => {
    expect(judge(request)).toBeUndefined();
  });

  test.each<[string, Request, number, RegExp]>([
    ['an empty name', acquire({ name: '' }), ErrorCode.INVALID_ARGUMENT, /^.*name/],
    [
      'a name over the limit',
      acquire({ name: 'é'.repeat(513) }),
      ErrorCode.TOO_LARGE,
      /1026 bytes; at most 1024/,
    ],
    ['no lease', acquire({ lease: '0' }), ErrorCode.INVALID_ARGUMENT, /lease/],
    ['a wait below -1', acquire({ waitMs: -2 }), ErrorCode.INVALID_ARGUMENT, /wait_ms/],
    ['an absurd wait', acquire({ waitMs: 1e15 }), ErrorCode.INVALID_ARGUMENT, /wait_ms/],
    [
      'a semaphore without permits',
      acquire({ mode: LockMode.SEMAPHORE }),
      ErrorCode.INVALID_ARGUMENT,
      /permits/,
    ],
    ['permits on a plain lock', acquire({ permits: 2 }), ErrorCode.INVALID_ARGUMENT, /only a semaphore/],
    ['an absurd lock-delay', acquire({ lockDelayMs: 1e9 }), ErrorCode.INVALID_ARGUMENT, /lock_delay_ms/],
    [
      'too many keepalives',
      { $case: 'leaseKeepAlive', value: { leases: Array.from({ length: 10_001 }, () => '1') } },
      ErrorCode.TOO_LARGE,
      /10001/,
    ],
    [
      'a large election value',
      {
        $case: 'campaign',
        value: CampaignRequest.create({ election: 'e', lease: '1', value: Buffer.alloc(65537) }),
      },
      ErrorCode.TOO_LARGE,
      /value/,
    ],
    [
      'a put over 1.5 MiB',
      {
        $case: 'kvPut',
        value: KvPutRequest.create({ key: Buffer.from('k'), value: Buffer.alloc(1.5 * 1024 * 1024) }),
      },
      ErrorCode.TOO_LARGE,
      /The put has 1572865 bytes; at most 1572864/,
    ],
  ])('%s is refused, naming the field', (_name, request, code, message) => {
    const failed = judge(request);
    expect(failed?.code).toBe(code);
    expect(failed?.message).toMatch(message);
    expect(failed?.definite).toBe(true);
  });
});
