import { majority, type Membership, type Observed, type Place, placeAt, votes } from './observed.js';
import { type Step, wait } from './step.js';

/** A member that was restarted has this long to be a caught-up voter again. */
export const COMES_BACK_MS = 60_000;

/** Restarts what is not as it is wanted: one after the other, each only while all others are well, the leader last. */
export function rollStep(observed: Observed): Step | undefined {
  const { size } = observed;
  const places = Array.from({ length: size }, (_, ordinal) => placeAt(observed, ordinal));
  const outdated = places.filter((place) => place?.pod === true && !place.terminating && !place.current);
  const unwell = places.findIndex((place) => place?.pod !== true || place.terminating || !place.ready);
  if (unwell >= 0) return unwellStep(observed, places[unwell], unwell, outdated.length > 0);
  if (outdated.length === 0) return undefined;
  const leader = observed.membership!.members.find(({ id }) => id === observed.membership!.leader)!;
  const follower = outdated.find((place) => place!.ordinal !== leader.ordinal);
  if (follower !== undefined) return restart(observed.membership!, follower.ordinal);
  // Only the leader is left.
  if (size === 1) return restart(observed.membership!, leader.ordinal);
  const to = observed.membership!.members.find(
    ({ id, active, caughtUp, state }) => id !== leader.id && state === 'voter' && active && caughtUp,
  );
  if (to === undefined) return wait('RollHeldUp', 'nobody has caught up enough to take over from the leader');
  return { kind: 'transfer', to: to.id, why: 'Roll' };
}

/** One place is not well. If it is an outdated one, a restart is what it needs; if it is a restarted one, it may be why. */
function unwellStep(
  { settingsProven, membership }: Observed,
  place: Place | undefined,
  ordinal: number,
  rolling: boolean,
): Step {
  if (place?.pod !== true || place.terminating) return wait('PodNotReady', `waiting for the pod ${ordinal}`);
  if (!place.current) return restart(membership!, ordinal);
  const late = place.runningMs !== undefined && place.runningMs >= COMES_BACK_MS;
  if (late && rolling && !settingsProven) return { kind: 'roll-back', ordinal };
  const reason = rolling && late ? 'RollHeldUp' : 'PodNotReady';
  return wait(reason, `the member in place ${ordinal} has not caught up`);
}

/** Only while the others are a quorum without it. A cluster of one has no others, and is away meanwhile. */
function restart({ members }: Membership, ordinal: number): Step {
  const voters = members.filter(votes);
  const others = voters.filter((member) => member.active && member.ordinal !== ordinal).length;
  if (others >= majority(voters.length) || voters.length === 1)
    return { kind: 'restart', ordinal, recover: false };
  return wait(
    'NoQuorumWithout',
    `the pod ${ordinal} cannot be restarted: without it only ${others} of ${voters.length} voters are heard of`,
  );
}
