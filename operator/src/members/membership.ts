import {
  majority,
  type MemberSeen,
  type Membership,
  nonceOf,
  type Observed,
  placeAt,
  votes,
} from './observed.js';
import { type RemovalReason, type Step, wait } from './step.js';

/**
 * The next step to a membership with one voter in each wanted place, and none elsewhere: what is half done, then lost
 * volumes, then new places, then places that are not wanted. One change at a time.
 */
export function membershipStep(observed: Observed): Step | undefined {
  const membership = observed.membership!;
  return (
    finish(observed, membership) ??
    replaceLost(observed, membership) ??
    addMissing(observed, membership) ??
    removeUnwanted(observed, membership)
  );
}

/** A replacement that was begun, and learners: each becomes a voter, or goes if its folder is gone or unwanted. */
function finish(observed: Observed, membership: Membership): Step | undefined {
  const leaving = membership.members.find(({ state }) => state === 'leaving');
  if (leaving !== undefined) return removal(leaving, 'LostVolume');
  const learner = membership.members.find(({ state }) => state === 'learner');
  if (learner === undefined) return undefined;
  const { id, ordinal, nonce, caughtUp } = learner;
  const said = nonceOf(placeAt(observed, ordinal));
  if (ordinal >= observed.size) return removal(learner, 'Shrink');
  if (said !== undefined && said !== nonce) return removal(learner, 'Abandoned');
  if (caughtUp) return { kind: 'promote', id, ordinal };
  return wait('CatchingUp', `member ${id} in place ${ordinal} is being given the data`);
}

/** A volume is lost only when the pod reports a new folder: never because of silence. */
function replaceLost(observed: Observed, membership: Membership): Step | undefined {
  for (const member of membership.members) {
    const place = placeAt(observed, member.ordinal);
    if (place === undefined || place.folder.state === 'silent' || place.folder.nonce === member.nonce)
      continue;
    if (member.ordinal >= observed.size) continue;
    const { folder } = place;
    // The folder of a member that was removed: its pod ends by itself and comes back with a new one.
    if (folder.state === 'member') continue;
    return unlessNoQuorum(membership, member, removal(member, 'LostVolume'));
  }
  return undefined;
}

function addMissing({ size, places }: Observed, { members }: Membership): Step | undefined {
  const taken = new Set(members.map(({ ordinal }) => ordinal));
  const wanted = places.filter(({ ordinal }) => ordinal < size && !taken.has(ordinal));
  const fresh = wanted.find(({ folder }) => folder.state === 'joining');
  if (fresh !== undefined) return { kind: 'add', ordinal: fresh.ordinal, nonce: nonceOf(fresh)! };
  const missing = Array.from({ length: size }, (_, ordinal) => ordinal).filter(
    (ordinal) => !taken.has(ordinal),
  );
  if (missing.length === 0) return undefined;
  return wait('PodNotReady', `waiting for the pods ${missing.join(', ')} to report their empty volumes`);
}

/** First who is not heard of, which costs nothing; then from the highest place down. The leader never by its own hand. */
function removeUnwanted({ size }: Observed, membership: Membership): Step | undefined {
  const unwanted = membership.members
    .filter(({ ordinal }) => ordinal >= size)
    .toSorted((a, b) => Number(a.active) - Number(b.active) || b.ordinal - a.ordinal)[0];
  if (unwanted === undefined) return undefined;
  if (unwanted.id !== membership.leader)
    return unlessNoQuorum(membership, unwanted, removal(unwanted, 'Shrink'));
  const to = membership.members.find(
    ({ ordinal, state, active, caughtUp }) => ordinal < size && state === 'voter' && active && caughtUp,
  );
  if (to === undefined)
    return wait('CatchingUp', `member ${unwanted.id} leads and is to go: nobody has caught up to take over`);
  return { kind: 'transfer', to: to.id, why: 'Shrink' };
}

/** A removal that leaves fewer live voters than the smaller cluster needs waits. */
function unlessNoQuorum({ members }: Membership, going: MemberSeen, step: Step): Step {
  const voters = members.filter((member) => votes(member) && member.id !== going.id);
  const live = voters.filter(({ active }) => active).length;
  if (voters.length > 0 && live >= majority(voters.length)) return step;
  return wait(
    'NoQuorumWithout',
    `member ${going.id} cannot be removed: of the ${voters.length} other voters only ${live} are heard of`,
  );
}

function removal({ id, ordinal }: MemberSeen, why: RemovalReason): Step {
  return { kind: 'remove', id, ordinal, why };
}
