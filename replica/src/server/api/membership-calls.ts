import type { AddLearnerRequest, Member, MembershipResponse } from '@aegis/proto/v1/cluster';
import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import { type RawNode, StateType } from '../../raft/index.js';
import type { ConfState, KnownChange, StateMachine } from '../../state/index.js';
import type { Driver } from '../driver/driver.js';
import { hostAndPort } from '../folder/addresses.js';
import type { Hint } from './operations.js';

const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;
const ADDRESSES = ['peerAddress', 'clientAddress', 'metricsAddress'] as const;
const ADDRESS_CHARS_MAX = 256;

/** What is wrong with a request, before anybody is asked. */
export function judgeLearner(request: AddLearnerRequest): Failure | undefined {
  const { nonce, name } = request;
  const wrong = (field: string, value: string, expected: string): Failure =>
    errorOf('INVALID_ARGUMENT', { field, value: JSON.stringify(value.slice(0, 80)), expected });
  if (!/^[0-9a-f]{32}$/.test(nonce))
    return wrong('nonce', nonce, '32 hex digits, as the empty folder drew them');
  if (!NAME.test(name)) return wrong('name', name, 'letters, digits, ".", "_" and "-", at most 253');
  for (const field of ADDRESSES) {
    if (!isAddress(request[field])) return wrong(field, request[field], 'host:port');
  }
  const given = ADDRESSES.map((field) => request[field]);
  if (new Set(given).size === given.length) return undefined;
  return wrong('metricsAddress', given.join(', '), 'another address than the others');
}

function isAddress(address: string): boolean {
  try {
    hostAndPort(address);
    return address.length <= ADDRESS_CHARS_MAX;
  } catch {
    return false;
  }
}

/** Has the leader make a change, and answers with what came of it. */
export function changeMembership(
  change: KnownChange['change'],
  parts: {
    readonly driver: Driver;
    readonly raft: RawNode;
    readonly state: StateMachine;
    readonly hint: Hint;
  },
  reply: (answer: MembershipResponse | { $failed: Failure }) => void,
): void {
  const { driver, raft, state, hint } = parts;
  driver.changeMembership(change, (memberId, failed) => {
    if (failed !== undefined) reply({ $failed: hint(failed) });
    else reply({ memberId: memberId!, members: describeMembers(driver, raft, state) });
  });
}

/** The members as this replica sees them; how far each is, only the leader knows. */
export function describeMembers(driver: Driver, raft: RawNode, state: StateMachine): Member[] {
  const { members, confState } = state.membership!;
  const leading = driver.role === StateType.Leader;
  const progress = leading ? raft.status().progress : undefined;
  const self = raft.basicStatus().id;
  return members.map(({ id, name, nonce, peerAddress, clientAddress, metricsAddress, learner }): Member => ({
    id,
    name,
    nonce,
    peerAddress,
    clientAddress,
    metricsAddress,
    learner,
    state: standingIn(confState, id),
    matchIndex: progress?.get(id)?.match ?? 0,
    recentlyActive: id === self || (leading && driver.live(id)),
  }));
}

function standingIn({ voters, votersOutgoing }: ConfState, id: number): string {
  const entering = voters.includes(id);
  if (votersOutgoing.length === 0) return entering ? 'voter' : 'learner';
  const leaving = votersOutgoing.includes(id);
  if (entering) return leaving ? 'voter' : 'entering';
  return leaving ? 'leaving' : 'learner';
}
