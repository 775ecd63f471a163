import type { Signal } from '../classify/index.js';
import { placeKey, type Where } from './cause.js';

/** Links that are at fault, as few places as say it: all of the network, all of a replica, or single ones. */
export function placesOfLinks(signals: readonly Signal[], replicas: readonly string[]): Where[] {
  let pairs = pairsOf(signals);
  const all = (replicas.length * (replicas.length - 1)) / 2;
  if (pairs.length >= NETWORK_SHARE * all && replicas.length > 2) return ['network'];
  const places: Where[] = [];
  for (;;) {
    const counted = replicas
      .map((name) => ({ name, links: pairs.filter((pair) => pair.includes(name)).length }))
      .sort((a, b) => b.links - a.links || (a.name < b.name ? -1 : 1));
    const most = counted[0];
    if (most === undefined || most.links < 2 || most.links * 2 < replicas.length - 1) break;
    places.push({ replica: most.name });
    pairs = pairs.filter((pair) => !pair.includes(most.name));
  }
  return [...places, ...pairs.map(([from, to]) => ({ from, to }))];
}

/** So many of all links are the network. */
const NETWORK_SHARE = 0.8;

function pairsOf(signals: readonly Signal[]): (readonly [string, string])[] {
  const pairs = new Map<string, readonly [string, string]>();
  for (const { at } of signals) {
    if (typeof at === 'string' || 'replica' in at) continue;
    const pair = [at.from, at.to].sort() as [string, string];
    pairs.set(pair.join(' '), pair);
  }
  return [...pairs.keys()].sort().map((key) => pairs.get(key)!);
}

/**
 * Where frames are lost by chance. Losses of one place show in every group that it is a part of, and thinner: the place is the one
 * that loses most, and of several that lose alike, the widest.
 */
export function placesOfLosses(signals: readonly Signal[]): Where[] {
  const lost = (signal: Signal): number => 1 - signal.worst;
  const network = signals.find(({ at }) => at === 'network');
  const replicas = signals
    .filter(({ at }) => typeof at !== 'string' && 'replica' in at)
    .sort((a, b) => lost(b) - lost(a));
  const pairs = signals
    .filter(({ at }) => typeof at !== 'string' && 'from' in at)
    .sort((a, b) => lost(b) - lost(a));
  const [replica, pair] = [replicas[0], pairs[0]];
  if (network !== undefined && (replica === undefined || lost(replica) < ALIKE * lost(network)))
    return ['network'];
  if (replica !== undefined && (pair === undefined || lost(pair) < WIDER * lost(replica)))
    return [replica.at];
  return pair === undefined ? [] : [pair.at];
}

/** One of five replicas has two fifths of all links: alone at fault it loses two and a half times what all lose. */
const ALIKE = 1.7;
/** A link is a quarter of those of a replica, and by chance one of four loses more than their mean. */
const WIDER = 2.2;

export const isReplica = (at: Where): at is { readonly replica: string } =>
  typeof at !== 'string' && 'replica' in at;

export const nameOf = (at: Where): string | undefined => (isReplica(at) ? at.replica : undefined);

export const sameKey = (a: Where, b: Where): boolean => placeKey(a) === placeKey(b);
