import type { Series } from '../../telemetry/index.js';
import type { Link, Look } from '../look.js';
import { everAbove, medianOf, spellsOf, sum, sumsOver, together } from '../series.js';
import type { Signal } from '../signal.js';
import type { Where } from '../../diagnose/cause.js';
import { stillMoments } from './process.js';
import { LATE_SECONDS, told, unanswered, unansweredFor } from './unanswered.js';

/** Of links, and of clocks as the probes of links tell them. */
export function networkSignals(look: Look): Signal[] {
  return [
    ...look.links.flatMap((link) => cutLink(look, link)),
    ...look.links.flatMap((link) => narrowLink(look, link)),
    ...look.links.flatMap((link) => slowLink(look, link)),
    ...lossy(look),
    ...clockOff(look),
  ];
}

const place = ({ from, to }: Link): Where => ({ from: from.name, to: to.name });

const unansweredOf = (look: Look, { features }: Link) =>
  ({
    feature: 'roundTrips',
    values: features.roundTrips,
    bound: look.bounds.cutPerSecond,
    below: true,
  }) as const;

function cutLink(look: Look, link: Link): Signal[] {
  return look.signal('cut-link', place(link), unansweredFor(look, link, 'cut'), unansweredOf(look, link));
}

/** Only the link that carries entries shows that it is narrow. That all links of a follower are is likelier than that the one of a pair is. */
function narrowLink(look: Look, link: Link): Signal[] {
  const spells = unansweredFor(look, link, 'narrow').filter(({ first }) => look.leaders[first] === link.from);
  return look.signal('narrow-link', { replica: link.to.name }, spells, unansweredOf(look, link));
}

function slowLink(look: Look, link: Link): Signal[] {
  const { bounds } = look;
  const { roundTripMedian } = link.features;
  const usual = look.usualOfLinks('roundTripMedian');
  const bound = Math.max(bounds.slowLinkSeconds, Number.isNaN(usual) ? 0 : bounds.slowLinkTimes * usual);
  const late = unansweredFor(look, link, 'late');
  if (late.length === 0 && !everAbove(roundTripMedian, bound)) return [];
  const values = look.smooth(roundTripMedian);
  const loops = [link.from, link.to].map(({ features }) => look.smooth(features.loopP99));
  const holds = (index: number): boolean | undefined => {
    const value = values[index]!;
    if (Number.isNaN(value)) return undefined;
    if (!(value > bound)) return false;
    // The loop of either end may have been late, and not the link.
    return loops.some((loop) => loop[index]! >= value) ? undefined : true;
  };
  const spells = [...spellsOf(look.timesMs, holds, bounds.sustainedMs), ...late].sort(
    (a, b) => a.first - b.first,
  );
  return look.signal('slow-link', place(link), spells, {
    feature: 'roundTripMedian',
    values: late.length > 0 ? roundTripMedian.map((value) => (value > 0 ? value : LATE_SECONDS)) : values,
    bound,
  });
}

/**
 * Losses are seen best in many links together: of all, and of all of one replica. Links of which something else is known, and ends that
 * stood still, are left out.
 */
function lossy(look: Look): Signal[] {
  const links = look.links.filter(
    (link) =>
      unanswered(look, link).every(({ why }) => why === 'chance') &&
      // Of answers that are so late some miss the second in which they would count.
      !link.features.roundTripMedian.some((value) => value >= LATE_SECONDS),
  );
  const pairs = links.filter(({ from, to }) => from.name < to.name);
  const groups: readonly { readonly at: Where; readonly links: readonly Link[] }[] = [
    { at: 'network', links },
    ...look.replicas.map((replica) => ({
      at: { replica: replica.name },
      links: links.filter(({ from, to }) => from === replica || to === replica),
    })),
    ...pairs.map(({ from, to }) => ({
      at: { from: from.name, to: to.name },
      links: links.filter((link) => [link.from, link.to].every((end) => end === from || end === to)),
    })),
  ];
  return groups.flatMap((group) => lossyGroup(look, group.at, group.links));
}

function lossyGroup(look: Look, at: Where, links: readonly Link[]): Signal[] {
  const { bounds } = look;
  const values = answeredShare(look, links);
  const holds = (index: number): boolean | undefined =>
    Number.isNaN(values[index]!) ? undefined : values[index]! < bounds.answeredShare;
  const signals = look.signal('lossy-link', at, spellsOf(look.timesMs, holds, bounds.sustainedMs), {
    feature: 'roundTrips',
    values,
    bound: bounds.answeredShare,
    below: true,
  });
  if (signals.length === 0 || !atOnce(look, links)) return signals;
  // What is lost on all links of a replica in the same moments is no chance: they are cut again and again.
  return signals.map((signal) => ({ ...signal, kind: 'flapping-link' }));
}

/** Of the probes that were to be answered in the time before each moment, over some links. Undefined moments of ends are left out. */
function answeredShare(look: Look, links: readonly Link[]): Series {
  const { timesMs, stepsMs, bounds } = look;
  const asked = new Float64Array(timesMs.length);
  const answered = new Float64Array(timesMs.length);
  for (const link of links) {
    const { roundTrips } = link.features;
    const moments = awake(look, link);
    for (let index = 0; index < timesMs.length; index++) {
      const rate = roundTrips[index]!;
      if (Number.isNaN(rate) || moments[index] === 0) continue;
      asked[index]! += (PROBES_PER_SECOND * stepsMs[index]!) / 1000;
      answered[index]! += (rate * stepsMs[index]!) / 1000;
    }
  }
  const askedOver = sumsOver(asked, timesMs, bounds.lossOverMs);
  const answeredOver = sumsOver(answered, timesMs, bounds.lossOverMs);
  return askedOver.map((asked, index) => {
    const answered = answeredOver[index]!;
    // A scrape comes between a probe and its answer, on both sides of the window and for each link: so few may be missing by chance.
    if (asked - answered <= links.length + 2) return asked < ASKED_LEAST ? Number.NaN : 1;
    return answered / asked;
  });
}

const PROBES_PER_SECOND = 1;
/** Fewer tell nothing about a share. */
const ASKED_LEAST = 20;
/** Shares that scatter so many times more than chance would have it are no chance. */
const AT_ONCE_TIMES = 2.5;

/** Whether links lose in the same moments: then the moments differ more from each other than single losses make them. */
function atOnce(look: Look, links: readonly Link[]): boolean {
  if (links.length < 4) return false;
  const shares = look.timesMs.flatMap((_, index) => {
    const rates = links
      .filter((link) => awake(look, link)[index] === 1)
      .map(({ features }) => features.roundTrips[index]!)
      .filter((rate) => !Number.isNaN(rate));
    return rates.length < 4 ? [] : [Math.min(1, sum(rates) / rates.length)];
  });
  const lossy = (share: number): boolean => share < 0.9;
  const bad = shares.slice(shares.findIndex(lossy), shares.findLastIndex(lossy) + 1);
  const mean = sum(bad) / bad.length;
  const scatter = sum(bad.map((share) => (share - mean) ** 2)) / bad.length;
  const probes = (links.length * medianOf(look.stepsMs)) / 1000;
  return scatter > (AT_ONCE_TIMES * mean * (1 - mean)) / probes;
}

/** For each moment 1 if both ends turned their loops, in it and before it. */
function awake(look: Look, link: Link): Uint8Array {
  return look.once(`awake ${link.name}`, () => {
    const [from, to] = [stillMoments(look, link.from), stillMoments(look, link.to)];
    return told(look, link).map((tells, at) => Number(tells === 1 && from[at] === 0 && to[at] === 0));
  });
}

/** As most of the others see it: one clock that is off is seen so by all, and it sees all others so. */
function clockOff(look: Look): Signal[] {
  const { bounds } = look;
  return look.replicas.flatMap((replica) => {
    const seen = look.links.filter(({ to }) => to === replica).map(({ features }) => features.clockOffset);
    // A median is no larger than the largest.
    if (!seen.some((offsets) => offsets.some((offset) => Math.abs(offset) > bounds.clockOffSeconds)))
      return [];
    const values = together(seen, medianOf).map(Math.abs);
    const holds = (index: number): boolean | undefined => {
      if (Number.isNaN(values[index]!) || replica.answered[index] !== true) return undefined;
      return values[index]! > bounds.clockOffSeconds;
    };
    return look.signal('clock-off', { replica: replica.name }, spellsOf(look.timesMs, holds, 0), {
      feature: 'clockOffset',
      values,
      bound: bounds.clockOffSeconds,
    });
  });
}
