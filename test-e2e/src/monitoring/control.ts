import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { lasting } from './alerts/at-once.js';
import { isWell, type Stage } from './alerts/lanes.js';
import { type AskedQuery, askPanels } from './panels/ask-panels.js';

const QUIET = join(import.meta.dirname, '../../../client/chaos/quiet.yaml');
/** Longer than each `for` with its range, but for ranges of an hour: those are of counters that must not move at all. */
const SECONDS = 75;
/** Queries see the second half: rates need scrapes before it. */
const ASKED_SECONDS = 40;
const SETTLED_MS = 60_000;
const LOOK_EVERY_MS = 500;
const TOUCH_EVERY_MS = 1_000;

export interface Control {
  readonly seconds: number;
  readonly queries: readonly AskedQuery[];
  /** Alerts that fired at any moment of it. */
  readonly fired: ReadonlySet<string>;
}

const now = (): number => Date.now() / 1000;

/** Load alone on a cluster that is well: what panels show, and which alerts fire all the same. */
export async function runControl(stage: Stage): Promise<Control> {
  const { server, cluster, operator, say } = stage;
  await isWell(server, cluster.name);
  const standing = await settled(server);
  if (standing.length > 0) say(`before any load there fire: ${standing.join(', ')}`);
  say(`load alone for ${SECONDS} s`);
  const began = now();
  const over = new AbortController();
  const touching = touchAll(operator, over.signal);
  try {
    await cluster.play(lasting(readFileSync(QUIET, 'utf8'), SECONDS), over.signal);
    const ended = now();
    const queries = await askPanels(server, ended - ASKED_SECONDS, ended);
    const range = `${Math.ceil(ended - began)}s`;
    const loud = await server.query(
      `count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[${range}]))`,
    );
    return {
      seconds: SECONDS,
      queries,
      fired: new Set(loud.map(({ labels }) => labels['alertname'] ?? '')),
    };
  } finally {
    over.abort();
    await touching;
  }
}

/** Waits until no alert of the start fires. Those that do not end: they will be found to fire under load alone. */
async function settled(server: Stage['server']): Promise<readonly string[]> {
  for (const endMs = performance.now() + SETTLED_MS; ; await sleep(LOOK_EVERY_MS)) {
    const firing = (await server.alerts()).filter(({ state }) => state === 'firing');
    if (firing.length === 0 || performance.now() > endMs)
      return [...new Set(firing.map(({ labels }) => labels['alertname'] ?? ''))];
  }
}

/** The operator has something to do meanwhile. */
async function touchAll(operator: Stage['operator'], over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await operator.touch();
    await sleep(TOUCH_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
  }
}
