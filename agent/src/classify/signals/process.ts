import type { ReplicaFeature, ReplicaWindow } from '../../telemetry/index.js';
import type { Look } from '../look.js';
import { above, everAbove, quantileOf, spellsOf, type Spell } from '../series.js';
import type { Signal, SignalKind } from '../signal.js';

export function processSignals(look: Look): Signal[] {
  return look.replicas.flatMap((replica) => [
    ...stoodStill(look, replica),
    ...silent(look, replica),
    ...restarted(look, replica),
    ...slowLoop(look, replica),
    ...garbage(look, replica),
    ...littleCpu(look, replica),
  ]);
}

/** In this moment or one beside it: what was late then may have been so because of it. */
export function stoodStillAround(look: Look, replica: ReplicaWindow, index: number): boolean {
  return stillMoments(look, replica)[index] === 1;
}

/** For each moment 1 if it or one beside it is one in which a replica stood still. */
export function stillMoments(look: Look, replica: ReplicaWindow): Uint8Array {
  return look.once(`still ${replica.name}`, () => {
    const { features, answered } = replica;
    const { loopMax, restarted: anew } = features;
    const around = new Uint8Array(look.timesMs.length);
    for (let at = 0; at < look.timesMs.length; at++) {
      if (!(loopMax[at]! >= look.bounds.stillSeconds || answered[at] === false || anew[at] === 1)) continue;
      around.fill(1, Math.max(0, at - 1), at + 2);
    }
    return around;
  });
}

function stoodStill(look: Look, replica: ReplicaWindow): Signal[] {
  const { stillSeconds } = look.bounds;
  return over(look, replica, 'stood-still', 'loopMax', replica.features.loopMax, stillSeconds, 0);
}

/** No answer to scrapes, and none to the probes of those that do answer: of one alone, the way from the scraper may be at fault. */
export function silentSpells(look: Look, replica: ReplicaWindow): Spell[] {
  const unheard = (index: number): boolean => {
    const probes = look.links
      .filter(({ to, from }) => to === replica && from.answered[index] === true)
      .map(({ features }) => features.roundTrips[index]!)
      .filter((rate) => rate !== undefined && !Number.isNaN(rate));
    return probes.length > 0 && probes.every((rate) => rate < look.bounds.cutPerSecond);
  };
  // What is told of probes in one round is of the time before it: of a silence that began within a round the next one tells.
  const holds = (index: number): boolean =>
    replica.answered[index] === false && (unheard(index) || unheard(index + 1));
  return spellsOf(look.timesMs, holds, look.bounds.silentMs);
}

/** The moments of those spells. */
export function silentMoments(look: Look, replica: ReplicaWindow): ReadonlySet<number> {
  return look.once(
    `silent ${replica.name}`,
    () =>
      new Set(
        silentSpells(look, replica).flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, at) => first + at),
        ),
      ),
  );
}

/**
 * When a silence began and ended: after the last scrape that was answered, and between the last that was given up and the next. In the middle
 * of both, as far as anybody knows.
 */
export function silenceOf(
  { timesMs, stepsMs }: Pick<Look, 'timesMs' | 'stepsMs'>,
  { first, last }: Spell,
): { readonly beganMs: number; readonly endedMs: number } {
  const nextMs = timesMs[last + 1] ?? timesMs[last]!;
  return {
    beganMs: timesMs[first]! - (first === 0 ? 0 : stepsMs[first]! / 2),
    endedMs: (Math.min(timesMs[last]! + SCRAPE_WAITS_MS, nextMs) + nextMs) / 2,
  };
}

/** A scrape is given up after so long. */
const SCRAPE_WAITS_MS = 1_000;

function silent(look: Look, replica: ReplicaWindow): Signal[] {
  return look.signal('silent', { replica: replica.name }, silentSpells(look, replica), {
    feature: 'answered',
    values: Float64Array.from(replica.answered, Number),
    bound: 1,
    below: true,
  });
}

/** From when it was last heard of: a process that is started anew died before it was silent. */
function restarted(look: Look, replica: ReplicaWindow): Signal[] {
  const { restarted: values } = replica.features;
  const silent = silentMoments(look, replica);
  const spells = spellsOf(look.timesMs, above(values, 0), 0).map((spell) => {
    let { first } = spell;
    while (silent.has(first - 1)) first--;
    return { ...spell, first };
  });
  return look.signal('restarted', { replica: replica.name }, spells, {
    feature: 'restarted',
    values,
    bound: 1,
  });
}

/** The median of its turns: single late ones are no matter, and a busy machine has those too. */
function slowLoop(look: Look, replica: ReplicaWindow): Signal[] {
  const { slowLoopSeconds, sustainedMs } = look.bounds;
  if (!everAbove(replica.features.loopMedian, slowLoopSeconds)) return [];
  const values = look.smooth(replica.features.loopMedian);
  return over(look, replica, 'slow-loop', 'loopMedian', values, slowLoopSeconds, sustainedMs);
}

function garbage(look: Look, replica: ReplicaWindow): Signal[] {
  const { garbageShare, sustainedMs } = look.bounds;
  if (!everAbove(replica.features.gcBusy, garbageShare)) return [];
  const values = look.smooth(replica.features.gcBusy);
  return over(look, replica, 'garbage', 'gcBusy', values, garbageShare, sustainedMs);
}

/** The feature of one replica stays above a bound for so long. */
function over(
  look: Look,
  { name }: ReplicaWindow,
  kind: SignalKind,
  feature: ReplicaFeature,
  values: Float64Array,
  bound: number,
  forMs: number,
): Signal[] {
  const spells = spellsOf(look.timesMs, above(values, bound), forMs);
  return look.signal(kind, { replica: name }, spells, { feature, values, bound });
}

/** Less of a processor than it used before, while its loop is late: work that shrank would make the loop quicker. */
function littleCpu(look: Look, { name, features }: ReplicaWindow): Signal[] {
  const { bounds } = look;
  if (!everAbove(features.loopMedian, bounds.slowLoopSeconds)) return [];
  const values = look.smooth(features.cpu);
  const loop = look.smooth(features.loopMedian);
  const bound = bounds.littleCpuTimes * quantileOf(features.cpu, 0.8);
  const holds = (index: number): boolean | undefined =>
    Number.isNaN(values[index]!) || Number.isNaN(loop[index]!)
      ? undefined
      : values[index]! < bound && loop[index]! > bounds.slowLoopSeconds;
  return look.signal('little-cpu', { replica: name }, spellsOf(look.timesMs, holds, bounds.sustainedMs), {
    feature: 'cpu',
    values,
    bound,
    below: true,
  });
}
