import type { ReplicaWindow } from '../../telemetry/index.js';
import type { Link, Look } from '../look.js';
import { largestOf, spellsOf, sumsOver } from '../series.js';
import { cutSpells } from './network.js';
import type { Signal } from '../signal.js';

export function electionSignals(look: Look): Signal[] {
  return [
    ...elections(look),
    ...leaderLost(look),
    ...look.replicas.flatMap((replica) => apart(look, replica)),
    ...noQuorum(look),
  ];
}

/** New terms in the time before each moment. */
function elections(look: Look): Signal[] {
  const { bounds, timesMs } = look;
  let newest = Number.NaN;
  const grown = Array.from(look.most('term'), (term) => {
    if (Number.isNaN(term)) return 0;
    const by = Number.isNaN(newest) ? 0 : Math.max(0, term - newest);
    newest = largestOf([newest, term]);
    return by;
  });
  const values = sumsOver(grown, timesMs, bounds.electionsOverMs);
  const spells = spellsOf(timesMs, (index) => values[index]! >= bounds.elections, 0);
  const signals = look.signal('elections', 'cluster', spells, {
    feature: 'term',
    values,
    bound: bounds.elections,
  });
  // They began with the first of those that are counted.
  return signals.map((signal) => {
    const first = grown.findIndex(
      (by, index) => by > 0 && timesMs[index]! > signal.onsetMs - bounds.electionsOverMs,
    );
    return { ...signal, onsetMs: first < 0 ? signal.onsetMs : timesMs[first]! };
  });
}

/** A change of the term: for a moment nobody led. A planned one is so short that no scrape sees a replica without a leader. */
function leaderLost(look: Look): Signal[] {
  const terms = look.most('term');
  const values = Float64Array.from(terms, (term, index) => Math.max(0, term - (terms[index - 1] ?? term)));
  const spells = spellsOf(
    look.timesMs,
    (index) => (Number.isNaN(values[index]!) ? undefined : values[index]! > 0),
    0,
  );
  return look.signal('leader-lost', 'cluster', spells, { feature: 'term', values, bound: 0 });
}

/** It answers, and so many of its links are cut for so long that it has no majority with it. */
function apart(look: Look, replica: ReplicaWindow): Signal[] {
  const { features, name } = replica;
  const cutOff = look.replicas
    .filter((other) => other !== replica)
    .map((other) => cutBetween(look, replica, other));
  const values = Float64Array.from(
    look.timesMs,
    (_, index) => 1 + cutOff.filter((cut) => !cut.has(index)).length,
  );
  const majority = Math.floor(look.replicas.length / 2) + 1;
  const holds = (index: number): boolean | undefined =>
    Number.isNaN(features.hasLeader[index]!) ? undefined : values[index]! < majority;
  return look.signal('apart', { replica: name }, spellsOf(look.timesMs, holds, look.bounds.apartMs), {
    feature: 'roundTrips',
    values,
    bound: majority,
    below: true,
  });
}

/** Moments in which nothing passes between two. */
function cutBetween(look: Look, one: ReplicaWindow, other: ReplicaWindow): ReadonlySet<number> {
  const moments = new Set<number>();
  for (const link of look.links) {
    if (![link.from, link.to].every((end) => end === one || end === other)) continue;
    for (const { first, last } of cutSpells(look, link))
      for (let index = first; index <= last; index++) moments.add(index);
  }
  return moments;
}

/** Half or more of the replicas know no leader or do not answer anybody, for longer than an election takes. */
function noQuorum(look: Look): Signal[] {
  const { replicas } = look;
  const lost = (replica: ReplicaWindow, index: number): boolean =>
    replica.features.hasLeader[index] === 0 ||
    (replica.answered[index] === false && look.links.every((link) => !answersProbe(link, replica, index)));
  const values = Float64Array.from(
    look.timesMs,
    (_, index) => replicas.filter((replica) => !lost(replica, index)).length / replicas.length,
  );
  const seen = (index: number): boolean => replicas.some(({ answered }) => answered[index] === true);
  const holds = (index: number): boolean | undefined => (seen(index) ? values[index]! <= 0.5 : undefined);
  return look.signal('no-quorum', 'cluster', spellsOf(look.timesMs, holds, look.bounds.apartMs), {
    feature: 'hasLeader',
    values,
    bound: 0.5,
    below: true,
  });
}

function answersProbe({ to, features }: Link, replica: ReplicaWindow, index: number): boolean {
  return to === replica && features.roundTrips[index]! > 0;
}
