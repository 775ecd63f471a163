import type { Standing, SupervisorSocket } from '@aegis/client/config';
import { EvidenceError } from '../evidence/index.js';
import { scrapeEvery, type Scrape } from '../telemetry/index.js';
import type { AgentMetrics, Duty } from './metrics.js';
import type { Observer } from './observer.js';
import { passes } from './worker.js';

/** Who says how a cluster stands. */
export type Supervisor = Pick<SupervisorSocket, 'standing'>;
export type DutyMetrics = Pick<AgentMetrics, 'round' | 'dutyFailed' | 'supervisorFailed'>;

const LOOK_MS = 5_000;
const RETRY_MS_MAX = 60_000;

/** Waits until it is said how the cluster stands. Undefined: the signal came first. */
export async function firstStanding(
  supervisor: Supervisor,
  sleep: (ms: number) => Promise<void>,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Standing | undefined> {
  for (let said = ''; !signal.aborted;) {
    try {
      return await supervisor.standing();
    } catch (error) {
      const { message } = error as Error;
      if (message !== said) log(`the supervisor does not answer yet: ${message}`);
      said = message;
      await sleep(LOOK_MS);
    }
  }
  return undefined;
}

/** Scrapes; when members change, begins anew with those that there are then. */
export async function watch(
  observer: Observer,
  supervisor: Supervisor,
  first: Standing,
  scrapeMs: number,
  signal: AbortSignal,
  metrics: DutyMetrics,
  log: (line: string) => void,
): Promise<void> {
  let standing = first;
  while (!signal.aborted) {
    const changed = new AbortController();
    let problem: unknown;
    const members = JSON.stringify(standing.members);
    const beganAt = Date.now();
    let round: Scrape[] = [];
    const onRound = (scrapes: readonly Scrape[]): void => {
      try {
        const event = observer.round(standing, scrapes, beganAt);
        metrics.round(scrapes, Date.now(), observer.open, event?.kind === 'opened');
      } catch (error) {
        problem = error;
        changed.abort();
      }
      // Asked between two rounds; what it says counts from the next one on.
      supervisor.standing().then(
        (now) => {
          if (JSON.stringify(now.members) !== members) changed.abort();
          standing = now;
        },
        (error: Error) => {
          metrics.supervisorFailed();
          log(`the supervisor does not answer: ${error.message}`);
        },
      );
    };
    const pages = Object.fromEntries(standing.members.map(({ name, metrics }) => [name, metrics]));
    await scrapeEvery(pages, {
      everyMs: scrapeMs,
      signal: AbortSignal.any([signal, changed.signal]),
      onScrape: (scrape) => {
        round.push(scrape);
        if (round.length < Object.keys(pages).length) return;
        onRound(round);
        round = [];
      },
    });
    if (problem !== undefined) throw problem;
  }
}

/** Again and again; what fails is tried again later and later. */
export async function overAndOver(
  what: Duty,
  duty: () => Promise<void>,
  sleep: (ms: number) => Promise<void>,
  signal: AbortSignal,
  metrics: DutyMetrics,
  log: (line: string) => void,
): Promise<void> {
  for (let pauseMs = LOOK_MS; !signal.aborted;) {
    try {
      await duty();
      pauseMs = LOOK_MS;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof EvidenceError) throw error;
      pauseMs = passes(error) ? Math.min(RETRY_MS_MAX, pauseMs * 2) : RETRY_MS_MAX;
      metrics.dutyFailed(what);
      log(`${what}: ${(error as Error).message}; again in ${pauseMs / 1_000} s`);
    }
    await sleep(pauseMs);
  }
}
