import type { ReplicaWindow } from '../../telemetry/index.js';
import type { Link, Look } from '../look.js';
import { medianOf, spellsOf, type Spell } from '../series.js';
import { stoodStillAround } from './process.js';

/** A while in which no probe of a link was answered although both ends answer scrapes, so that it is not them. */
export interface Unanswered extends Spell {
  /**
   * `late`: answers come after the next probe, and do not count. `narrow`: something passes, too little of it. `chance`: so many in a row
   * are lost now and then where probes are lost. `cut`: nothing passes.
   */
  readonly why: 'cut' | 'late' | 'narrow' | 'chance';
}

type Stretch = Pick<Spell, 'first' | 'last'>;

export function unanswered(look: Look, link: Link): readonly Unanswered[] {
  return look.once(`unanswered ${link.name}`, () => {
    const spells = spellsOfNone(look, link);
    return spells.map((spell) => ({ ...spell, why: whyOf(look, link, spell, spells) }));
  });
}

export function unansweredFor(look: Look, link: Link, why: Unanswered['why']): readonly Unanswered[] {
  return unanswered(look, link).filter((spell) => spell.why === why);
}

/** For each moment 1 if both ends tell, and neither was started anew or came back from silence just now. */
export function told(look: Look, { name, from, to }: Link): Uint8Array {
  return look.once(`told ${name}`, () => {
    const other = telling(look, to);
    return telling(look, from).map((tells, index) => tells & other[index]!);
  });
}

function telling(look: Look, { name, answered, features: { restarted } }: ReplicaWindow): Uint8Array {
  return look.once(`telling ${name}`, () =>
    Uint8Array.from(look.timesMs, (_, index) =>
      Number(answered[index] === true && answered[index - 1] !== false && restarted[index] !== 1),
    ),
  );
}

function spellsOfNone(look: Look, link: Link): readonly Spell[] {
  return look.once(`spells of none ${link.name}`, () => {
    const { roundTrips } = link.features;
    const tells = told(look, link);
    const holds = (index: number): boolean | undefined => {
      const rate = roundTrips[index]!;
      if (Number.isNaN(rate) || tells[index] === 0) return undefined;
      return rate < look.bounds.cutPerSecond;
    };
    return spellsOf(look.timesMs, holds, look.bounds.cutMs);
  });
}

function whyOf(look: Look, link: Link, spell: Spell, all: readonly Spell[]): Unanswered['why'] {
  const passes = passing(look, link, spell);
  if (passes !== undefined) return passes;
  if (bothAreLate(look, link, spell)) return 'late';
  return isChance(look, link, spell, all) ? 'chance' : 'cut';
}

/** What passes, as far as the link shows it itself. */
function passing(look: Look, link: Link, spell: Spell): 'late' | 'narrow' | undefined {
  return isLate(look, link, spell) ? 'late' : whatPasses(look, link, spell);
}

/** An answer that comes after the next probe does not count: beside it there are some that come only just in time. */
function isLate(look: Look, link: Link, { first, last }: Spell): boolean {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at).some((index) =>
    isLateAt(look, link, index),
  );
}

/** Whether answers come only just in time at a moment or near it, so that others may come too late to count. */
export function isLateAt(look: Look, link: Link, at: number): boolean {
  const nearMs = look.once(`late ${link.name}`, () =>
    look.timesMs.filter(
      (_, index) =>
        link.features.roundTripMedian[index]! >= LATE_SECONDS &&
        !stoodStillAround(look, link.from, index) &&
        !stoodStillAround(look, link.to, index),
    ),
  );
  const withinMs = look.once('late near', () =>
    Math.max(LATE_NEAR_MS, LATE_NEAR_STEPS * medianOf(look.stepsMs)),
  );
  return nearMs.some((each) => Math.abs(each - look.timesMs[at]!) <= withinMs);
}

/** Half of the time between two probes. */
export const LATE_SECONDS = 0.5;
const LATE_NEAR_MS = 5_000;
const LATE_NEAR_STEPS = 1.5;

/**
 * Between a leader and a follower more goes than probes. If what the leader knows of the follower keeps up, both ways pass, late. If the
 * follower moves on, or hears of the leader now and then, little passes.
 */
function whatPasses(look: Look, link: Link, { first, last }: Stretch): 'late' | 'narrow' | undefined {
  const leader = look.leaders[first];
  if (leader === undefined || (leader !== link.from && leader !== link.to)) return undefined;
  const follower = leader === link.from ? link.to : link.from;
  const sinceMs = look.timesMs[first]! + settledMs(follower);
  const moments = look.timesMs.flatMap((at, index) => (at >= sinceMs && index <= last ? [index] : []));
  if (moments.length < 2 || moments.some((index) => look.leaders[index] !== leader)) return undefined;
  const of = (series: ArrayLike<number>): number[] => moments.map((index) => series[index]!);
  const lag = leader.links[follower.name]?.lag;
  const keepsUp = KEEPS_UP_SECONDS * medianOf(of(look.most('committed')));
  if (lag !== undefined && of(lag).every((entries) => entries < keepsUp)) return 'late';
  const applied = of(follower.features.appliedIndex);
  const heard = of(follower.features.hasLeader);
  const little = applied.at(-1)! > applied[0]! || (heard.includes(0) && heard.includes(1));
  return little ? 'narrow' : undefined;
}

/**
 * Between two followers only probes go. If their leader's links to both are late meanwhile, theirs is, too. What those links show themselves counts,
 * and not what others show of them under another leader: that could go round in circles.
 */
function bothAreLate(look: Look, { from, to }: Link, { first, last }: Stretch): boolean {
  const leader = look.leaders[first];
  if (leader === undefined || leader === from || leader === to) return false;
  return [from, to].every((end) =>
    look.links.some(
      (link) =>
        link.from === leader &&
        link.to === end &&
        spellsOfNone(look, link).some(
          (spell) => spell.first <= last && spell.last >= first && passing(look, link, spell) === 'late',
        ),
    ),
  );
}

/** By then what was under way has arrived, and whoever hears nothing has missed its leader. */
function settledMs({ features }: ReplicaWindow): number {
  const timeouts = [...features.electionTimeout].filter((value) => !Number.isNaN(value));
  return Math.max(SETTLED_MS_LEAST, timeouts.length === 0 ? 0 : 3_000 * Math.max(...timeouts));
}

const SETTLED_MS_LEAST = 3_000;
/** Seconds of writes by which a follower behind a late link may lack, and more than a cut one lacks soon. */
const KEEPS_UP_SECONDS = 2;

/** Whether so many probes in a row are lost by chance somewhere, where so many are lost around this while. */
function isChance(look: Look, link: Link, { first, last, seenMs }: Spell, all: readonly Spell[]): boolean {
  const near = (index: number): boolean =>
    look.timesMs[index]! >= look.timesMs[first]! - CHANCE_NEAR_MS &&
    look.timesMs[index]! <= look.timesMs[last]! + CHANCE_NEAR_MS;
  const apart = look.links.filter(({ from, to }) =>
    [from, to].every((end) => end !== link.from && end !== link.to),
  );
  const around = (index: number): boolean =>
    all.every((spell) => index < spell.first - 1 || index > spell.last + 1);
  const lost = Math.max(
    lossOf(look, apart, near),
    lossOf(look, [link], (index) => near(index) && around(index)),
  );
  const probes = Math.round(seenMs / 1000);
  const seconds = (look.timesMs.at(-1)! - look.timesMs[0]!) / 1000;
  return lost ** probes * look.links.length * seconds > look.bounds.cutChance;
}

const CHANCE_NEAR_MS = 10_000;

/** The share of probes that were not answered, one a second being sent. */
function lossOf(look: Look, links: readonly Link[], counts: (index: number) => boolean): number {
  let [sent, answered] = [0, 0];
  for (const link of links) {
    const tells = told(look, link);
    for (let index = 0; index < look.timesMs.length; index++) {
      const rate = link.features.roundTrips[index]!;
      if (Number.isNaN(rate) || tells[index] === 0 || !counts(index)) continue;
      sent += look.stepsMs[index]!;
      answered += Math.min(1, rate) * look.stepsMs[index]!;
    }
  }
  return sent === 0 ? 0 : 1 - answered / sent;
}
