import { SupervisorSocket, type Standing } from '@aegis/client/config';
import { setTimeout as wait } from 'node:timers/promises';
import { EvidenceError, EvidenceLog } from '../evidence/index.js';
import { LocalForge } from '../forge/index.js';
import { modelOf, readModelSettings } from '../model/index.js';
import { Notifier, readWebhooks } from '../notify/index.js';
import { readRunbooks } from '../retrieve/index.js';
import { scrapeEvery, type Scrape } from '../telemetry/index.js';
import { AgentFolder } from './agent-folder.js';
import type { AgentConfig } from './config.js';
import { AgentMetrics, type Duty } from './metrics.js';
import { Observer } from './observer.js';
import { serveMetrics } from './telemetry-port.js';
import { question } from './question.js';
import { passes, Worker } from './worker.js';

const LOOK_MS = 5_000;
const RETRY_MS_MAX = 60_000;

/**
 * The agent of a cluster on one machine, until the signal. It asks replicas for their pages of metrics, and the supervisor's socket for
 * the rest; it has no other way to anything. Throws what only people can mend, such as damaged evidence.
 */
export async function runAgent(
  config: AgentConfig,
  ended: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  // What is wrong with a file of these is said before anything begins.
  const notifier = new Notifier(config.webhooks === undefined ? [] : readWebhooks(config.webhooks), log);
  const model = config.model === undefined ? undefined : modelOf(readModelSettings(config.model));
  const aides = { runbooks: readRunbooks(), model, notify: notifier.send };
  const folder = new AgentFolder(config.folder);
  const evidence = EvidenceLog.open(folder.evidencePath);
  const supervisor = new SupervisorSocket(config.socket);
  const failed = new AbortController();
  const signal = AbortSignal.any([ended, failed.signal]);
  const sleep = (ms: number): Promise<void> => wait(ms, undefined, { signal }).catch(() => undefined);
  const metrics = new AgentMetrics(() => {
    return folder.names('recommendations').map((name) => folder.read('recommendations', name)!.phase);
  });
  const page = await serveMetrics(metrics, config.metrics, log);
  try {
    const first = await firstStanding(supervisor, sleep, signal, log);
    if (first === undefined) return;
    const { base, path } = first;
    const forge = new LocalForge({ dir: config.repository, base, path, repository: supervisor });
    const { scrapeMs, policy } = config;
    const observer = new Observer({ folder, scrapeMs, log });
    const worker = new Worker({
      ...{ folder, evidence, forge, supervisor, path, policy, question, sleep, signal, log, aides },
      now: Date.now,
    });
    log(`watching ${first.members.length} replicas of cluster ${first.clusterId}`);
    const duties = [
      watch(observer, supervisor, first, scrapeMs, signal, metrics, log),
      overAndOver('working', () => worker.work(), sleep, signal, metrics, log),
      overAndOver('following', () => worker.follow(), sleep, signal, metrics, log),
    ];
    // One that cannot go on ends all: whoever started the agent sees it, and starts it again.
    await Promise.all(duties.map((duty) => duty.finally(() => failed.abort())));
  } finally {
    await page?.stop();
    evidence.close();
    notifier.close();
  }
}

async function firstStanding(
  supervisor: SupervisorSocket,
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
async function watch(
  observer: Observer,
  supervisor: SupervisorSocket,
  first: Standing,
  scrapeMs: number,
  signal: AbortSignal,
  metrics: AgentMetrics,
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
async function overAndOver(
  what: Duty,
  duty: () => Promise<void>,
  sleep: (ms: number) => Promise<void>,
  signal: AbortSignal,
  metrics: AgentMetrics,
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
