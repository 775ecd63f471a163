import type { Result } from '@aegis/proto/replica/command';
import type { CampaignRequest, ProclaimRequest, ResignRequest } from '@aegis/proto/v1/election';
import type { Error as ErrorMessage } from '@aegis/proto/v1/error';
import { LockMode } from '@aegis/proto/v1/lock';
import { failed } from '../envelope/failed.js';
import { checkGrowth } from '../alarms/growth.js';
import { errorOf } from '../../errors/index.js';
import { claimIt } from '../lock/acquire.js';
import { checkName, checkWait } from '../lock/check.js';
import type { ClaimTerms } from '../lock/claim.js';
import { giveUp } from '../lock/commands.js';
import { ELECTION_VALUE_BYTES_MAX } from '../lock/limits.js';
import { emit } from '../lock/queue.js';
import { writeClaim } from '../lock/rows.js';
import type { State } from '../state.js';

const CANDIDATE: ClaimTerms = { mode: LockMode.EXCLUSIVE, permits: 0, lockDelayMs: 0 };

export function campaign(state: State, request: CampaignRequest): Result {
  const { election: name, lease, claim, value, waitMs } = request;
  const wrong = checkName('election', name) ?? checkValue(value) ?? checkWait(waitMs);
  if (wrong !== undefined) return failed(wrong);
  const answer = claimIt(state, { kind: 'election', name, lease, claim, terms: CANDIDATE, waitMs, value });
  if ('error' in answer) return failed(answer.error);
  return { result: { $case: 'campaign', value: answer.response } };
}

export function proclaim(state: State, request: ProclaimRequest): Result {
  const { election: name, value } = request;
  const wrong = checkName('election', name) ?? checkValue(value);
  if (wrong !== undefined) return failed(wrong);
  const lease = state.leases.get(request.lease);
  const claim = lease && state.locks.election.get(name)?.find(lease, request.claim);
  if (claim === undefined || claim.token === 0) {
    return failed(errorOf('NOT_ELECTION_LEADER', { name, lease: request.lease, claim: request.claim }));
  }
  const noRoom = value.length > claim.value.length ? checkGrowth(state) : undefined;
  if (noRoom !== undefined) return failed(noRoom);
  claim.value = value;
  writeClaim(state, claim);
  emit(state, 'proclaimed', claim);
  return { result: { $case: 'proclaim', value: { token: claim.token } } };
}

export function resign(state: State, { election, lease, claim }: ResignRequest): Result {
  return { result: { $case: 'resign', value: giveUp(state, 'election', election, lease, claim) } };
}

function checkValue(value: Uint8Array): ErrorMessage | undefined {
  if (value.length <= ELECTION_VALUE_BYTES_MAX) return undefined;
  return errorOf('TOO_LARGE', {
    what: 'The value of the candidate',
    size: `${value.length} bytes`,
    limit: ELECTION_VALUE_BYTES_MAX,
  });
}
