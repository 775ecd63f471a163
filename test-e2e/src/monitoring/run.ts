import { ALERT_GROUPS, faultOf, renderRules } from '@aegis/monitoring';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Guardian } from '../harness/guardian.js';
import type { Progress } from '../kubernetes/progress.js';
import { episodesOf } from './alerts/episodes.js';
import { type Outcomes, runLanes, type Stage } from './alerts/lanes.js';
import { type Control, runControl } from './control.js';
import { type AskedQuery, askPanels, isRight } from './panels/ask-panels.js';
import type { PrometheusPrograms } from './prometheus/programs.js';
import { Scrapes } from './prometheus/scrapes.js';
import { PrometheusServer } from './prometheus/server.js';
import { LiveCluster } from './scenes/live-cluster.js';
import { OperatorScene } from './scenes/operator.js';
import { alertTable, queryTable } from './table.js';
import type { Tally } from './tally.js';

/** Every `for` and every range is divided by this, so that five minutes take fifteen seconds; no range gets shorter than those. */
export const SHORTENED = 20;
const CLUSTER = 'live';

export interface Wanted {
  /** Whether faults are done at all. */
  readonly faults: boolean;
  /** A part of the names of the faults to be done. */
  readonly fault: string;
}

/** Panels and alerts against a live cluster; prints both tables. */
export async function runLive(
  programs: PrometheusPrograms,
  folder: string,
  guardian: Guardian,
  wanted: Wanted,
  tally: Tally,
  progress: Progress,
): Promise<void> {
  const episodes = wanted.faults
    ? episodesOf(ALERT_GROUPS).filter(({ trigger }) => faultOf(trigger).includes(wanted.fault))
    : [];
  if (wanted.faults && episodes.length === 0) throw new Error(`no fault has '${wanted.fault}' in its name`);
  const began = Date.now() / 1000;
  const { stage, close } = await setUp(programs, folder, guardian, progress);
  try {
    const control = await runControl(stage);
    judgeControl(control, tally);
    const outcomes = wanted.faults ? await runLanes(stage, episodes) : undefined;
    const later = await askPanels(stage.server, began, Date.now() / 1000);
    if (outcomes !== undefined) judgeFaults(outcomes, later, wanted.fault === '', tally);
    console.log(`\n${queryTable(control.queries, later)}\n`);
    console.log(`${alertTable(ALERT_GROUPS, control.fired, outcomes)}\n`);
    console.log(`Times of alerts are divided by ${SHORTENED}, to no less than 15 s for a range.`);
  } finally {
    await close();
  }
}

async function setUp(
  programs: PrometheusPrograms,
  folder: string,
  guardian: Guardian,
  progress: Progress,
): Promise<{ stage: Stage; close: () => Promise<void> }> {
  const endings: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const ending of endings.toReversed())
      await Promise.resolve(ending()).catch((error: unknown) =>
        progress.say(`could not be ended: ${String(error)}`),
      );
  };
  try {
    const scrapes = new Scrapes(folder, shortenedRules(folder));
    const server = await PrometheusServer.start(programs.prometheus, scrapes.config, folder, guardian);
    endings.push(() => server.stop());
    const operator = await OperatorScene.start(folder, guardian);
    endings.push(() => operator.end());
    scrapes.add('aegis-operator', { addresses: [operator.address] });
    const cluster = await LiveCluster.start(CLUSTER, folder, guardian);
    endings.push(() => cluster.down());
    // A process that stands still takes no other signal.
    endings.push(() => cluster.signalAgent('SIGCONT'));
    scrapes.add('aegis', { addresses: cluster.metricsAddresses, cluster: CLUSTER });
    scrapes.add('aegis-agent', { addresses: [cluster.agentAddress], cluster: CLUSTER });
    progress.say(
      `five replicas, the agent, an operator, and Prometheus ${programs.version} at ${server.url}`,
    );
    const say = (line: string): void => progress.say(line);
    return { stage: { server, scrapes, cluster, operator, guardian, folder, say }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function shortenedRules(folder: string): readonly string[] {
  mkdirSync(join(folder, 'rules'), { recursive: true });
  return ALERT_GROUPS.map((group) => {
    const file = join(folder, 'rules', `${group.name}.yaml`);
    writeFileSync(file, renderRules(group, { shortened: SHORTENED, runbookBase: '' }));
    return file;
  });
}

function judgeControl({ queries, fired, seconds }: Control, tally: Tally): void {
  // What may be empty and is has shown nothing: it is told, and not counted.
  for (const query of queries.filter((each) => each.series > 0 || !isRight(each)))
    tally.check(
      isRight(query),
      `${query.dashboard}, ${query.panel}: ${query.refused ?? 'no data'}: ${query.expr}`,
    );
  for (const { name } of ALERT_GROUPS.flatMap(({ alerts }) => alerts))
    tally.check(!fired.has(name), `${name} fired within ${seconds} s of load alone`);
}

function judgeFaults(outcomes: Outcomes, later: readonly AskedQuery[], all: boolean, tally: Tally): void {
  for (const [name, outcome] of outcomes)
    tally.check(outcome.kind === 'fired', `${name}: ${outcome.kind === 'not' ? outcome.why : ''}`);
  // A full disk was among the faults: the panel of alarms, empty before, has shown it.
  if (all)
    tally.check(
      later.some(({ panel, series }) => panel === 'Alarms' && series > 0),
      'aegis-cluster, Alarms: no data, though a disk was full',
    );
}
