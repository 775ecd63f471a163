import type { AegisCluster, TuningRecommendation } from '@aegis/crds';
import { setTimeout as sleep } from 'node:timers/promises';

import { documentOf, Scene } from '../../../config-source/scene.js';
import { startForge } from '../../../forge/index.js';
import { eventually } from '../../../harness/clock.js';
import { total } from '../../../harness/metrics-page.js';
import type { Kubernetes } from '../../kubernetes.js';
import { LateLinks } from '../../machines/late-links.js';
import { NETWORK } from '../../machines/network.js';
import { seconds } from '../../progress.js';
import { expectBound } from '../bounds.js';
import { type Case, expect, type Stage } from '../case.js';
import {
  conditionOf,
  isCalm,
  PORTS,
  READY_MS_MAX,
  RunningCluster,
  said,
  SMALL,
} from '../clusters/running.js';
import { scrape } from '../scrape.js';
import { incidentsIn, tokenIn, withAgentOn } from './agent.js';

const NAME = 'orders';
const SECRET = 'forge';
/** Hasty settings, under which links that are late by as much as in the trace `late-links` make leaders fall one after the other. */
const HASTY = { heartbeatIntervalMs: 30, electionTimeoutMs: 150 };
const LATE = { delayMs: 100, jitterMs: 300 };
const LATE_FOR_MS = 30_000;
/** What is usual has to be seen before what is not. */
const USUAL_MS = 40_000;
/** So many of the elections before may be left; 42 and 38 % were, and chance is in both numbers. */
const HELPED = 0.7;
const POLL_SECONDS = 10;
const INCIDENT_MS_MAX = 60_000;
/** From the onset, with the live cluster beside the verification. */
const VERIFIED_MS_MAX = 300_000;
/** 5 to 17 s where nothing else runs. With hasty settings a busy machine often has no leader, and a roll waits for one. */
const FIRST_LIVE_MS_MAX = 60_000;
const ALL_LIVE_MS_MAX = 120_000;
/** What comes within so many of its bounds came, and was late. */
const LATE_FACTOR = 2;
const FOLLOWED_MS_MAX = 60_000;

export const loopIsClosed: Case = {
  name: 'the loop: late links become an Incident, a verified recommendation and a request on a forge; a person merges it and it helps; what the agent merges is refused',
  skip: ({ own }) =>
    own === undefined ? 'the links of a given cluster are not ours to make late' : undefined,
  async run(stage) {
    const forge = await startForge(NETWORK.here);
    try {
      const scene = await Scene.begin(forge, 'loop');
      await scene.as(scene.people.agent).repos.createFork(scene.at);
      await withAgentOn(scene, stage, () => goAround(stage, stage.own!, scene));
    } finally {
      await forge.close();
    }
  },
};

async function goAround(stage: Stage, own: Kubernetes, scene: Scene): Promise<void> {
  const { namespace, note } = stage;
  const { ada, agent, owner } = scene.people;
  const settings = (consensus: object) =>
    documentOf(consensus as Readonly<Record<string, number>>, NAME, namespace);
  await scene.merge(settings(HASTY));
  await tokenIn(stage, namespace, SECRET, owner.token);
  const { repository, branch, path, apiUrl } = scene.source;
  const configSource = { repository, branch, path, apiUrl, secretName: SECRET, pollSeconds: POLL_SECONDS };
  const cluster = new RunningCluster(stage, NAME);
  await cluster.apply({ ...SMALL, replicas: 5, configSource });
  await cluster.untilCalm(READY_MS_MAX);
  const load = await cluster.startLoad();
  await sleep(USUAL_MS);

  const before = await termsUnderLateLinks(own, cluster);
  const incident = await eventually(
    'an Incident',
    INCIDENT_MS_MAX,
    async () => (await incidentsIn(stage))[0],
  );
  const onsetMs = Date.parse(incident.spec.onsetTime);
  note(
    `${incident.spec.class}, seen ${since(onsetMs, Date.parse(incident.spec.detectedTime))} after its onset`,
  );
  const open = await eventually(
    'a request',
    LATE_FACTOR * VERIFIED_MS_MAX,
    async () => (await recommendations(stage)).find(({ status }) => isDecided(status?.phase)),
    1_000,
  );
  inTime('a request', onsetMs, VERIFIED_MS_MAX);
  const { spec, status } = open;
  note(`${status?.phase} ${since(onsetMs)} after the onset: ${JSON.stringify(spec.patch)} ${verdict(open)}`);
  expect(status?.phase === 'PullRequestOpen', `it is ${status?.phase}: ${status?.message}`);
  const longer = spec.patch.electionTimeoutMs;
  expect(longer !== undefined && longer > HASTY.electionTimeoutMs, 'it does not wait for longer');

  const mergedMs = Date.now();
  const pull = { ...scene.at, pull_number: status.pullRequest!.number };
  const { data: merge } = await scene.as(ada).pulls.merge({ ...pull, merge_method: 'merge' });
  await eventually('the first member running it', LATE_FACTOR * FIRST_LIVE_MS_MAX, async () =>
    (await running(cluster, longer)) > 0 ? true : undefined,
  );
  inTime('the first member running it', mergedMs, FIRST_LIVE_MS_MAX);
  const first = since(mergedMs);
  await cluster.until('every member running it', ALL_LIVE_MS_MAX, async (seen) => {
    const { effective, source } = seen.status?.settings ?? {};
    return (
      effective?.electionTimeoutMs === longer &&
      source?.commit === merge.sha &&
      isCalm(seen) &&
      (await running(cluster, longer)) === 5
    );
  });
  note(`merged by ${ada.login}: live on the first member after ${first}, on all after ${since(mergedMs)}`);
  const { failures } = await load.report(mergedMs);
  expect(failures.length === 0, `the client saw ${JSON.stringify(failures[0])}`);
  await eventually('Applied', FOLLOWED_MS_MAX, async () =>
    (await recommendations(stage)).some(
      ({ metadata, status: now }) => metadata.name === open.metadata.name && now?.phase === 'Applied',
    )
      ? true
      : undefined,
  );

  await sleep(USUAL_MS);
  const after = await termsUnderLateLinks(own, cluster);
  note(`new terms while links are late: ${before} before, ${after} after`);
  expect(after < HELPED * before, `${after} new terms after, ${before} before: it did not help`);
  await cluster.untilCalm(READY_MS_MAX);

  // Somebody lets the agent write by mistake, and it merges a change that is as safe: nothing is applied.
  scene.repository.roles.set(agent.login, 'write');
  await scene.merge(settings({ ...HASTY, electionTimeoutMs: longer + 50 }), {
    author: agent,
    merger: agent,
  });
  const refused = await cluster.until(
    'what the agent merged refused',
    FOLLOWED_MS_MAX,
    (seen) => conditionOf(seen, 'ConfigInSync')?.reason === 'MergedByAgent',
  );
  note(`merged by ${agent.login}: ${said(refused, 'ConfigInSync').slice(0, 160)}`);
  expect((await running(cluster, longer)) === 5, 'what the agent merged runs');
  await load.expectNoWriteLost();
}

const since = (fromMs: number, untilMs = Date.now()): string => seconds(untilMs - fromMs);

/** What was just seen came in time. */
function inTime(what: string, fromMs: number, withinMs: number): void {
  expectBound(
    Date.now() - fromMs <= withinMs,
    `${what} after ${since(fromMs)}, later than ${seconds(withinMs)}`,
  );
}

/** Nothing more happens to it without a person. */
function isDecided(phase: string | undefined): boolean {
  return phase !== undefined && phase !== 'Proposed' && phase !== 'Verified';
}

function verdict({ status }: TuningRecommendation): string {
  const { verification } = status ?? {};
  if (verification === undefined) return status?.message ?? 'no verdict';
  const { result, signal, before, after, deltaLow, deltaHigh } = verification;
  const [from, to, low, high] = [before, after, deltaLow, deltaHigh].map((each) => each / 1_000);
  return `${result}: ${signal} ${from} → ${to}, difference ${low} to ${high}`;
}

async function termsUnderLateLinks(own: Kubernetes, cluster: RunningCluster): Promise<number> {
  const term = await termOf(cluster);
  const links = await LateLinks.begin(own.nodes, own.programs, PORTS.peer, LATE);
  try {
    await sleep(LATE_FOR_MS);
  } finally {
    await links.end();
  }
  await cluster.until('a leader again', READY_MS_MAX, leads);
  return (await termOf(cluster)) - term;
}

const leads = ({ status }: AegisCluster): boolean => status?.leader !== undefined;

/** The newest that a member tells. */
async function termOf(cluster: RunningCluster): Promise<number> {
  return Math.max(...(await told(cluster, 'aegis_raft_term')));
}

/** How many members say themselves that they have this election timeout. */
async function running(cluster: RunningCluster, electionTimeoutMs: number): Promise<number> {
  const timeouts = await told(cluster, 'aegis_election_timeout_seconds');
  return timeouts.filter((timeout) => Math.round(1_000 * timeout) === electionTimeoutMs).length;
}

/** What the members that answer say of a metric. */
async function told(cluster: RunningCluster, metric: string): Promise<number[]> {
  const { namespace, stage } = cluster;
  const pages = await Promise.all(
    (await cluster.pods()).map(({ metadata: { name: pod } }) =>
      scrape(stage.kubectl, { namespace, pod, port: PORTS.metrics }).catch(() => []),
    ),
  );
  return pages.map((page) => total(page, metric)).filter((value) => value !== undefined);
}

async function recommendations({ kubectl, namespace }: Stage): Promise<readonly TuningRecommendation[]> {
  const kind = 'tuningrecommendations';
  const { items } = await kubectl.get<{ readonly items: readonly TuningRecommendation[] }>(
    kind,
    `--namespace=${namespace}`,
  );
  return items;
}
