import type { LinkLive, ReplicaLive } from '../wire.js';

export type LinkState = 'unknown' | 'well' | 'slow' | 'lossy' | 'cut';

/** The classifier's bounds, for a glance: what it says of an incident rests on more. Seconds; shares. */
const SLOW_SECONDS = 0.04;
const LOSSY = 0.07;
const CUT = 0.8;

export function stateOf({ loss, roundTripSeconds }: LinkLive): LinkState {
  if (loss !== null && loss >= CUT) return 'cut';
  if (loss !== null && loss > LOSSY) return 'lossy';
  if (roundTripSeconds === null) return 'unknown';
  return roundTripSeconds > SLOW_SECONDS ? 'slow' : 'well';
}

const ORDER: readonly LinkState[] = ['unknown', 'well', 'slow', 'lossy', 'cut'];

/** Of both directions the worse. */
export function worse(a: LinkState, b: LinkState): LinkState {
  return ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;
}

export function linkBetween(from: ReplicaLive, to: ReplicaLive): LinkLive | undefined {
  return from.links.find((link) => link.to === to.name);
}

export const ROLES = {
  leader: 'leads',
  follower: 'follows',
  leaderless: 'knows no leader',
  silent: 'does not answer',
} as const;
