import { faultOf, type Stopped, type Trigger } from '@aegis/monitoring';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { eventually } from '../../harness/clock.js';
import type { Guardian } from '../../harness/guardian.js';
import type { Scrapes } from '../prometheus/scrapes.js';
import type { PrometheusServer } from '../prometheus/server.js';
import { DifferingStates } from '../scenes/differing-states.js';
import { LiveCluster, MEMBERS } from '../scenes/live-cluster.js';
import type { OperatorScene } from '../scenes/operator.js';
import { atOnce, withoutSettings } from './at-once.js';
import type { Episode } from './episodes.js';
import { type Outcome, runEpisode } from './run-episode.js';

const LIBRARY = join(import.meta.dirname, '../../../../client/chaos');
const WELL_MS = 60_000;
/** As long as the longest of their alerts could need with times that are shortened; one of them by less than the others. */
const STOPPED_MS_MAX = 300_000;
/** Of five: the agent is blind when more than half of what it asks for does not come. */
const STOPPED_REPLICAS = 4;

export interface Stage {
  readonly server: PrometheusServer;
  readonly scrapes: Scrapes;
  readonly cluster: LiveCluster;
  readonly operator: OperatorScene;
  readonly guardian: Guardian;
  readonly folder: string;
  readonly say: (line: string) => void;
}

export type Outcomes = ReadonlyMap<string, Outcome>;

/**
 * All faults: those of the loaded cluster one after the other, and beside them those of the operator and of clusters with settings of
 * their own, which take no part in each other's alerts.
 */
export async function runLanes(stage: Stage, episodes: readonly Episode[]): Promise<Outcomes> {
  const beside = episodes.filter(({ trigger }) => !isOfTheCluster(trigger));
  const lanes = [onTheCluster(episodes.filter(({ trigger }) => isOfTheCluster(trigger))), beside];
  const found = await Promise.all(
    lanes.map(async (lane) => {
      const outcomes: [string, Outcome][] = [];
      for (const episode of lane) outcomes.push(...(await run(stage, episode)));
      return outcomes;
    }),
  );
  return new Map(found.flat());
}

function isOfTheCluster(trigger: Trigger): boolean {
  return trigger.kind === 'trace' || (trigger.kind === 'stop' && OF_THE_CLUSTER.includes(trigger.what));
}

/** In their order. */
const OF_THE_CLUSTER: readonly Stopped[] = ['most-replicas', 'supervisor-socket', 'agent'];

/**
 * First what the agent has to see, then what keeps it from its work, then its own end: it stays still from then on, so that what it proposes
 * and verifies takes no processor from the faults that follow.
 */
function onTheCluster(episodes: readonly Episode[]): readonly Episode[] {
  const place = ({ trigger, alerts }: Episode): number => {
    if (alerts.some((name) => name.startsWith('AegisIncident'))) return 0;
    return 1 + (trigger.kind === 'stop' ? OF_THE_CLUSTER.indexOf(trigger.what) : OF_THE_CLUSTER.length);
  };
  return episodes.toSorted((a, b) => place(a) - place(b));
}

async function run(stage: Stage, episode: Episode): Promise<readonly [string, Outcome][]> {
  const { trigger, alerts } = episode;
  const fault = faultOf(trigger);
  stage.say(`${fault}: ${alerts.join(', ')}`);
  const outcomes = await play(stage, episode).catch(
    (error: unknown): Outcomes =>
      new Map(
        alerts.map((name) => [
          name,
          { kind: 'not', why: error instanceof Error ? error.message : String(error) },
        ]),
      ),
  );
  for (const [name, outcome] of outcomes)
    stage.say(
      `  ${name} ${outcome.kind === 'fired' ? `after ${Math.round(outcome.afterMs / 1000)} s` : `DID NOT: ${outcome.why}`}`,
    );
  return [...outcomes];
}

async function play(stage: Stage, { trigger, alerts }: Episode): Promise<Outcomes> {
  const { server, cluster, operator } = stage;
  if (trigger.kind === 'trace-with-settings') return withSettings(stage, trigger, alerts);
  if (trigger.kind === 'states-differ') return differing(stage, alerts);
  if (trigger.kind === 'trace') {
    await isWell(server, cluster.name);
    const trace = atOnce(textOf(trigger.name));
    const act = (seen: AbortSignal): Promise<void> => cluster.play(trace, seen);
    return runEpisode(server, { alerts, cluster: cluster.name, act });
  }
  const stops: Readonly<Record<Stopped, { begin: () => unknown; end: () => unknown }>> = {
    agent: { begin: () => cluster.signalAgent('SIGSTOP'), end: () => undefined },
    operator: { begin: () => operator.stopOperator(), end: () => operator.startOperator() },
    'api-server': { begin: () => operator.refuse(), end: () => operator.accept() },
    'certificate-renewal': { begin: () => operator.neglectRenewal(), end: () => operator.renewAgain() },
    'most-replicas': {
      begin: () => cluster.signalMembers(STOPPED_REPLICAS, 'SIGSTOP'),
      end: () => cluster.signalMembers(STOPPED_REPLICAS, 'SIGCONT'),
    },
    'supervisor-socket': { begin: () => cluster.hideSocket(), end: () => cluster.showSocket() },
  };
  const { begin, end } = stops[trigger.what];
  const act = async (seen: AbortSignal): Promise<void> => {
    await begin();
    await new Promise<void>((resolve) => {
      if (seen.aborted) resolve();
      const timer = setTimeout(resolve, STOPPED_MS_MAX);
      seen.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
    await end();
  };
  return runEpisode(server, { alerts, cluster: operator.clusterName, act });
}

async function withSettings(
  { server, scrapes, folder, guardian }: Stage,
  { name, settings: more }: Extract<Trigger, { kind: 'trace-with-settings' }>,
  alerts: readonly string[],
): Promise<Outcomes> {
  const { trace, settings } = withoutSettings(textOf(name));
  const cluster = await LiveCluster.start(name, folder, guardian, { ...settings, ...more });
  try {
    scrapes.add('aegis', { addresses: cluster.metricsAddresses, cluster: name });
    await isWell(server, name);
    const act = (seen: AbortSignal): Promise<void> => cluster.play(atOnce(trace), seen);
    return await runEpisode(server, { alerts, cluster: name, act });
  } finally {
    scrapes.remove('aegis', name);
    await cluster.down();
  }
}

async function differing(
  { server, scrapes, folder, guardian }: Stage,
  alerts: readonly string[],
): Promise<Outcomes> {
  const states = await DifferingStates.start(folder, guardian);
  const { name: cluster, metricsAddresses: addresses } = states;
  try {
    scrapes.add('aegis', { addresses, cluster });
    await isWell(server, cluster, addresses.length);
    return await runEpisode(server, { alerts, cluster, act: (seen) => states.part(seen) });
  } finally {
    scrapes.remove('aegis', cluster);
    await states.stop();
  }
}

/** Until Prometheus sees all members, each with a leader. */
export async function isWell(server: PrometheusServer, cluster: string, members = MEMBERS): Promise<void> {
  await eventually(
    `${cluster} well`,
    WELL_MS,
    async () => {
      const [led] = await server.query(`sum(aegis_has_leader{cluster="${cluster}"})`);
      const [up] = await server.query(`sum(up{job="aegis",cluster="${cluster}"})`);
      return led?.values[0] === members && up?.values[0] === members ? true : undefined;
    },
    250,
  );
}

function textOf(trace: string): string {
  return readFileSync(join(LIBRARY, `${trace}.yaml`), 'utf8');
}
