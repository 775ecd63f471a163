import type { Recording, Scrape } from '../telemetry/index.js';

/** What is looked at: long enough to know what is usual, short enough that a verifier can bear it. */
export const WINDOW_MS = 300_000;

/** The newest scrapes of a cluster. */
export class SlidingWindow {
  /** Their `atMs` are milliseconds since 1970 here. */
  private scrapes: Scrape[] = [];
  private replicas: Readonly<Record<string, number>> = {};

  constructor(
    private readonly scrapeMs: number,
    private readonly spanMs: number = WINDOW_MS,
  ) {}

  /**
   * @param replicas their member ids by name; others than before, and everything begins anew
   * @param beganAt when the clock of these scrapes was at zero, milliseconds since 1970
   */
  add(replicas: Readonly<Record<string, number>>, round: readonly Scrape[], beganAt: number): void {
    const moved = round.map((scrape) => ({ ...scrape, atMs: beganAt + scrape.atMs }));
    const turnedBack = (moved[0]?.atMs ?? 0) < (this.scrapes.at(-1)?.atMs ?? 0);
    if (turnedBack || JSON.stringify(replicas) !== JSON.stringify(this.replicas)) this.scrapes = [];
    this.replicas = replicas;
    this.scrapes.push(...moved);
    this.forgetBefore((this.scrapes.at(-1)?.atMs ?? 0) - this.spanMs);
  }

  /** What is older than this is no part of what comes: it was another incident. */
  forgetBefore(at: number): void {
    this.scrapes = this.scrapes.filter((scrape) => scrape.atMs >= at);
  }

  /** The window as a recording, and when that began. */
  recording(): { readonly recording: Recording; readonly beganAt: number } {
    const beganAt = this.scrapes[0]?.atMs ?? 0;
    const scrapes = this.scrapes.map((scrape) => ({ ...scrape, atMs: scrape.atMs - beganAt }));
    return { recording: { replicas: this.replicas, scrapeMs: this.scrapeMs, scrapes }, beganAt };
  }
}
