import type { Random } from '@aegis/replica/sim';
import type { Reading, Recording, Scrape, Values } from '@aegis/agent/telemetry';
import { WORDS } from './words.js';

const STARTED = 'aegis_process_start_time_seconds';
/** Times are moved by up to so many days into the past. */
const SHIFT_DAYS_MAX = 700;
/** Of a control whose scrapes are missed: how long each time, in rounds of scrapes. */
const GAP_ROUNDS = { min: 2, max: 6 };

export interface Blinded {
  readonly recording: Recording;
  /** The name of each member in the recording, by its real id. */
  readonly names: ReadonlyMap<number, string>;
}

/**
 * A recording from which nobody can tell which member was which, or when it was made.
 * @param members names and ids as they are
 */
export function blind(
  scrapes: readonly Scrape[],
  members: readonly { readonly id: number; readonly name: string }[],
  scrapeMs: number,
  random: Random,
): Blinded {
  const words = random.shuffled(WORDS);
  const ids = random.shuffled(members.map((_, index) => index + 1));
  const shiftSeconds = Math.round(random.between(1, SHIFT_DAYS_MAX) * 86_400);
  const names = new Map(members.map(({ id }, index) => [id, words[index]!]));
  const newId = new Map(members.map(({ id }, index) => [String(id), ids[index]!]));
  const nameOf = new Map(members.map(({ id, name }) => [name, names.get(id)!]));
  // Who is told first in a round says nothing either.
  const order = new Map(random.shuffled([...nameOf.values()]).map((name, place) => [name, place]));
  const moved = (values: Values): Values => {
    const started = values[STARTED];
    return typeof started === 'number' ? { ...values, [STARTED]: started - shiftSeconds } : values;
  };
  const read = ({ values, links, unreadable }: Reading): Reading => ({
    values: moved(values),
    links: Object.fromEntries(Object.entries(links).map(([to, each]) => [String(newId.get(to) ?? to), each])),
    unreadable,
  });
  return {
    names,
    recording: {
      scrapeMs,
      replicas: Object.fromEntries(
        members
          .map(({ id }): [string, number] => [names.get(id)!, newId.get(String(id))!])
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
      scrapes: scrapes
        .map((scrape) => ({
          ...scrape,
          replica: nameOf.get(scrape.replica)!,
          reading: scrape.reading === undefined ? undefined : read(scrape.reading),
        }))
        .sort((a, b) => a.atMs - b.atMs || order.get(a.replica)! - order.get(b.replica)!),
    },
  };
}

/** Loses scrapes of some replicas for some rounds, twice of one and once of all. */
export function withGaps(recording: Recording, random: Random): Recording {
  const { scrapes, scrapeMs, replicas } = recording;
  const lastMs = scrapes.at(-1)?.atMs ?? 0;
  const names = random.shuffled(Object.keys(replicas));
  const gap = (of: readonly string[]): { of: readonly string[]; fromMs: number; toMs: number } => {
    const fromMs = random.between(0.35, 0.9) * lastMs;
    const rounds = Math.round(random.between(GAP_ROUNDS.min, GAP_ROUNDS.max));
    return { of, fromMs, toMs: fromMs + rounds * scrapeMs };
  };
  const gaps = [gap(names.slice(0, 1)), gap(names.slice(1, 3)), gap(names)];
  return {
    ...recording,
    scrapes: scrapes.map((scrape) => {
      const { atMs, replica } = scrape;
      const missed = gaps.some(
        ({ of, fromMs, toMs }) => of.includes(replica) && atMs >= fromMs && atMs < toMs,
      );
      return missed ? { atMs, replica, reading: undefined, missing: 'timeout' } : scrape;
    }),
  };
}
