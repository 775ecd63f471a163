import type { Place } from '../membership/place.js';
import type { World } from '../world/world.js';
import type { Fault } from './fault.js';

/** Only while the cluster can go on without one more voter. */
export const wipe: Fault = (world) => {
  if (!world.places.mayLoseOne) return undefined;
  const place = world.random.pick(world.places.wanted);
  if (place.nonce === undefined) return undefined;
  world.places.wipe(place);
  world.count('folders wiped');
  return () => world.places.begin(place);
};

export const grow: Fault = (world) => {
  if (world.places.wanted.length >= world.limits.replicasMax) return undefined;
  world.places.open();
  return undefined;
};

/** Now and then two are to go together. */
export const shrink: Fault = (world) => {
  const goes = (): boolean => {
    if (world.places.wanted.length <= world.limits.replicasMin) return false;
    const place = someVoter(world);
    if (place === undefined) return false;
    world.note(place.member!.id, 'is to be removed');
    place.wanted = false;
    return true;
  };
  if (goes() && world.random.chance(0.4)) goes();
  return undefined;
};

/** A new machine takes the place of a voter, in one step. */
export const replace: Fault = (world) => {
  const { wanted } = world.places;
  const leaving = someVoter(world);
  // One more for a while; and a voter has one successor.
  if (leaving === undefined || wanted.length > world.limits.replicasMax) return undefined;
  if (wanted.some(({ replaces }) => replaces === leaving.member!.id)) return undefined;
  const place = world.places.open();
  place.replaces = leaving.member!.id;
  world.note(leaving.member!.id, `is to be replaced by place ${place.number}`);
  return undefined;
};

/** The leader rather often: more depends on it. */
function someVoter(world: World): Place | undefined {
  const { voters } = world.checks.membership.current.confState;
  const candidates = world.places.wanted.filter(
    ({ member }) => member !== undefined && voters.includes(member.id),
  );
  if (candidates.length === 0) return undefined;
  const leader = world.cluster.leaders()[0];
  const leading = candidates.find(({ member }) => member === leader);
  return leading !== undefined && world.random.chance(0.4) ? leading : world.random.pick(candidates);
}
