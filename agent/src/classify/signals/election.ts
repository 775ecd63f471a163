import type { ReplicaWindow } from '../../telemetry/index.js';
import type { Link, Look } from '../look.js';
import { largestOf, quantileOf, spellsOf, sumsOver } from '../series.js';
import type { Signal } from '../signal.js';
import { stoodStillAround } from './process.js';
import { apartOf } from './standing.js';

export function electionSignals(look: Look): Signal[] {
  return [
    ...elections(look),
    ...leaderLost(look),
    ...look.replicas.flatMap((replica) => apart(look, replica)),
    ...noQuorum(look),
  ];
}

/** New terms in the time before each moment, without those of leaders that handed over. */
function elections(look: Look): Signal[] {
  const { bounds, timesMs } = look;
  let newest = Number.NaN;
  const grown = Array.from(look.most('term'), (term, index) => {
    if (Number.isNaN(term)) return 0;
    const by = Number.isNaN(newest) ? 0 : Math.max(0, term - newest);
    newest = largestOf([newest, term]);
    return by > 0 && isHandover(look, index) ? 0 : by;
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

/**
 * Whether writes went on over a change of the term. A leader that is lost is missed for an election timeout before another one is voted for; one
 * that hands over is not. Where nothing is written nobody can tell, and one that stood still handed nothing over: between rare scrapes what was
 * missing has been made up for.
 */
function isHandover(look: Look, at: number): boolean {
  const before = look.leaders[at - 1];
  if (before !== undefined && stoodStillAround(look, before, at)) return false;
  const committed = look.most('committed');
  const usual = look.once('usually committed', () => quantileOf(committed, 0.5));
  const timeout = look.once('shortest election timeout', () =>
    leastOf(look.replicas.flatMap(({ features }) => [...features.electionTimeout])),
  );
  if (!(usual >= look.bounds.handoverPerSecond) || Number.isNaN(timeout)) return false;
  let missedSeconds = 0;
  for (const index of [at - 1, at, at + 1]) {
    const rate = committed[index];
    if (rate === undefined) continue;
    if (Number.isNaN(rate)) return false;
    missedSeconds += (Math.max(0, 1 - rate / usual) * look.stepsMs[index]!) / 1000;
  }
  return missedSeconds < look.bounds.handoverTimes * timeout;
}

const leastOf = (values: readonly number[]): number => -largestOf(values.map((value) => -value));

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

/** It answers, and is not with the leader that a majority follows. */
function apart(look: Look, replica: ReplicaWindow): Signal[] {
  const values = apartOf(look, replica);
  const holds = (index: number): boolean | undefined =>
    Number.isNaN(values[index]!) ? undefined : values[index] === 1;
  return look.signal('apart', { replica: replica.name }, spellsOf(look.timesMs, holds, look.bounds.apartMs), {
    feature: 'hasLeader',
    values: values.map((value) => 1 - value),
    bound: 1,
    below: true,
  });
}

/** Half or more of the replicas know no leader or do not answer anybody, for longer than an election takes, and none was held meanwhile. */
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
  const terms = look.most('term');
  const voted = (index: number): boolean => terms[index]! > terms[index - 1]!;
  const holds = (index: number): boolean | undefined =>
    seen(index) ? values[index]! <= 0.5 && !voted(index) : undefined;
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
