import { readPage, type Recording, type Scrape } from '@aegis/agent/telemetry';
import { Random, type SimulatedMember } from '@aegis/replica/sim';

import type { World } from '../world/world.js';

/** As often as replicas measure their links. */
const PROBE_INTERVAL_MS = 1000;

/**
 * Scrapes a simulated world, as the agent scrapes replicas, and measures its links as replicas do. Whether it looks makes no difference to
 * what happens: what it draws, it draws from a source of its own.
 */
export class Scraper {
  readonly #scrapes: Scrape[] = [];
  readonly #random: Random;
  #beganMs = 0;
  #over = false;

  constructor(
    private readonly world: World,
    private readonly scrapeMs: number,
  ) {
    this.#random = new Random(world.plan.seed);
  }

  begin(): void {
    this.#beganMs = this.world.nowMs;
    this.#every(this.scrapeMs, () => {
      for (const member of this.world.cluster.members) this.#scrape(member);
    });
    this.#every(PROBE_INTERVAL_MS, () => {
      const { members } = this.world.cluster;
      for (const from of members) for (const to of members) if (from !== to) this.#probe(from, to);
    });
  }

  end(): void {
    this.#over = true;
  }

  /** What was seen so far. */
  get recording(): Recording {
    const { members } = this.world.cluster;
    return {
      replicas: Object.fromEntries(members.map(({ id }) => [nameOf(id), id])),
      scrapeMs: this.scrapeMs,
      // An answer may have taken longer than the next one.
      scrapes: this.#scrapes.toSorted((a, b) => a.atMs - b.atMs),
    };
  }

  #every(ms: number, task: () => void): void {
    const again = (): void => {
      if (this.#over) return;
      task();
      this.world.cluster.queue.after(ms, again);
    };
    again();
  }

  #scrape({ id, environment, life }: SimulatedMember): void {
    const asked = { atMs: Math.round(this.world.nowMs - this.#beganMs), replica: nameOf(id) };
    const missing = (why: string): void =>
      void this.#scrapes.push({ ...asked, reading: undefined, missing: why });
    if (environment?.paused === true) return missing('timeout');
    const text = life?.page?.text();
    if (text === undefined) return missing('no answer');
    text.then(
      (page) => void this.#scrapes.push({ ...asked, reading: readPage(page) }),
      (error: unknown) => this.world.report('every page can be read', String(error), [id]),
    );
  }

  /** There and back; what does not arrive is not measured. */
  #probe(from: SimulatedMember, to: SimulatedMember): void {
    const { network, queue } = this.world.cluster;
    const { life } = from;
    const silent = [from, to].some(({ environment }) => environment === undefined || environment.paused);
    const thereMs = network.wayMs(from.place, to.place, this.#random);
    const backMs = network.wayMs(to.place, from.place, this.#random);
    if (silent || life?.page === undefined || thereMs === undefined || backMs === undefined) return;
    const roundTripMs = thereMs + (to.environment?.workedMs ?? 0) + backMs;
    const offsetMs = to.clock.wallMs() - from.clock.wallMs();
    const { metrics } = life.page;
    queue.after(roundTripMs, () => {
      if (from.life !== life) return;
      metrics.roundTrip.observe({ to: to.id }, roundTripMs / 1000);
      metrics.clockOffset.set({ to: to.id }, offsetMs / 1000);
    });
  }
}

function nameOf(id: number): string {
  return `aegis-${id - 1}`;
}
