import { addressesOf } from '../../build/record.js';
import type { Step } from '../../members/step.js';
import { atLeader } from './at-leader.js';
import { changed, type Move, type Outcome } from './move.js';

type Of<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

/** A learner for the new folder in a place. Its member's id is the cluster's to give. */
export function add(move: Move, { ordinal, nonce }: Of<'add'>): Promise<Outcome> {
  const { name, namespace } = move.cluster.metadata;
  return atLeader(move, async (leader, credentials) => {
    const learner = { nonce, ...addressesOf(name, namespace!, ordinal) };
    const { memberId } = await move.context.members.add(leader, credentials, learner);
    return changed('MemberAdded', `member ${memberId} in place ${ordinal}, as a learner`);
  });
}

export function promote(move: Move, { id, ordinal }: Of<'promote'>): Promise<Outcome> {
  return atLeader(move, async (leader, credentials) => {
    await move.context.members.promote(leader, credentials, id);
    return changed('MemberPromoted', `member ${id} in place ${ordinal} has caught up and votes`);
  });
}

const REASONS: Readonly<Record<Of<'remove'>['why'], string>> = {
  LostVolume: 'its volume is lost',
  Shrink: 'fewer members are wanted',
  Abandoned: 'its folder is gone before it voted',
};

export function remove(move: Move, { id, ordinal, why }: Of<'remove'>): Promise<Outcome> {
  return atLeader(move, async (leader, credentials) => {
    await move.context.members.remove(leader, credentials, id);
    return changed('MemberRemoved', `member ${id} in place ${ordinal}: ${REASONS[why]}`);
  });
}

export function transfer(move: Move, { to, why }: Of<'transfer'>): Promise<Outcome> {
  return atLeader(move, async (leader, credentials) => {
    await move.context.members.transfer(leader, credentials, to);
    const reason = why === 'Roll' ? 'the leader is to be restarted' : 'the leader is to be removed';
    return changed('LeaderMoved', `to member ${to}: ${reason}`);
  });
}
