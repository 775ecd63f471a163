import { SupervisorSocket } from '@aegis/client/config';
import { setTimeout as wait } from 'node:timers/promises';
import { Views } from '../dashboard/index.js';
import { EvidenceLog } from '../evidence/index.js';
import { LocalForge } from '../forge/index.js';
import { modelOf, readModelSettings } from '../model/index.js';
import { Notifier, readWebhooks } from '../notify/index.js';
import { readRunbooks } from '../retrieve/index.js';
import { AgentFolder } from './agent-folder.js';
import type { AgentConfig } from './config.js';
import { serveDashboard } from './dashboard-port.js';
import { firstStanding, overAndOver, watch } from './duties.js';
import { HeardSupervisor } from './heard-supervisor.js';
import { AgentMetrics } from './metrics.js';
import { Observer } from './observer.js';
import { serveMetrics } from './telemetry-port.js';
import { question } from './question.js';
import { Worker } from './worker.js';

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
  const heard = new HeardSupervisor(supervisor);
  const views = new Views();
  views.show('', { folder, evidence, known: () => heard.known });
  const dashboard = serveDashboard(config, views, signal, log);
  try {
    const first = await firstStanding(heard, sleep, signal, log);
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
      watch(observer, heard, first, scrapeMs, signal, metrics, log),
      overAndOver('working', () => worker.work(), sleep, signal, metrics, log),
      overAndOver('following', () => worker.follow(), sleep, signal, metrics, log),
    ];
    // One that cannot go on ends all: whoever started the agent sees it, and starts it again.
    await Promise.all(duties.map((duty) => duty.finally(() => failed.abort())));
  } finally {
    failed.abort();
    await dashboard;
    await page?.stop();
    evidence.close();
    notifier.close();
  }
}
