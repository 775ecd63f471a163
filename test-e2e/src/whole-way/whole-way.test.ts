import { expect } from '@jest/globals';
import { chmodSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { eventually } from '../harness/clock.js';
import { TestBed } from '../harness/test-bed.js';
import { Loop, type Incident, type Recommendation, type Seen } from './loop.js';
import { traceIn, WAYS, type Way } from './traces.js';

/** From the onset: the simulation's verdict with the live cluster beside it. */
const VERIFIED_MS = 300_000;
const FIRST_LIVE_MS = 30_000;
const ALL_LIVE_MS = 120_000;
/** Worked through half a minute after it opened, or at its end. */
const WORKED_MS = 180_000;
/** The agent has to have seen how it usually is. */
const USUAL_MS = 30_000;

const UNDER_WAY = new Set(['Proposed', 'Verified']);

const WORK = {
  improves: ['verified, merged, live, and fewer elections the next time', improves],
  harms: ['the verification refuses what was thought of', harms],
  advice: ['no setting is proposed, the advice is right', advised],
} as const;

const bed = new TestBed();
// So that the agent can have a user of its own.
chmodSync(bed.folder, 0o711);
const say = (line: string): void => void process.stderr.write(`    ${line}\n`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const seenWords = ({ ok, failed, longestGapMs, terms }: Seen): string =>
  `${ok} answers, ${failed} failures, ${seconds(longestGapMs)} without one, ${terms} new terms`;

for (const way of WAYS) {
  const { name, outcome } = way;
  const [what, work] = typeof outcome === 'string' ? WORK[outcome] : WORK.advice;
  bed.scenario(`${name}: ${what}`, 900_000, async () => {
    const loop = await Loop.start(bed, name);
    try {
      await begin(loop, way);
      await work(loop, way);
    } finally {
      await loop.close();
    }
  });
}

/** The settings under which the trace hurts, and time to see how the cluster usually is. */
async function begin(loop: Loop, { settings }: Way): Promise<void> {
  if (Object.keys(settings).length > 0) {
    const commit = loop.person.mergeSettings('settings-that-hurt', settings);
    await eventually('the first settings on every member', ALL_LIVE_MS, () => loop.runs(commit, settings));
    await loop.anHourLater();
  }
  await sleep(USUAL_MS);
}

async function improves(loop: Loop, way: Way): Promise<void> {
  const before = await loop.chaos(traceIn(bed.folder, way));
  say(`before: ${seenWords(before)}`);
  const incident = await seen(loop);
  const open = await decided(loop, incident);
  expect(open).toMatchObject({ phase: 'PullRequestOpen', verification: { result: 'Improves' } });
  await live(loop, open);
  await loop.recommendation('Applied', 60_000, ({ id, phase }) => id === open.id && phase === 'Applied');
  await sleep(USUAL_MS);
  const after = await loop.chaos(traceIn(bed.folder, way));
  say(`after: ${seenWords(after)}`);
  expect(after.terms).toBeLessThan(before.terms);
  await postmortem(loop, incident.id);
}

async function harms(loop: Loop, way: Way): Promise<void> {
  say(seenWords(await loop.chaos(traceIn(bed.folder, way))));
  const incident = await seen(loop);
  const refused = await decided(loop, incident);
  expect(refused).toMatchObject({ phase: 'Rejected', verification: { result: 'Harm' } });
  expect(refused.branch).toBeUndefined();
  await postmortem(loop, incident.id);
}

async function advised(loop: Loop, way: Way): Promise<void> {
  say(seenWords(await loop.chaos(traceIn(bed.folder, way))));
  await seen(loop);
  const incident = await loop.incident('advice', WORKED_MS, ({ advice }) => advice !== undefined);
  const [cause] = incident.causes ?? [];
  say(`${cause?.fault} at ${cause?.at}: ${incident.advice}`);
  expect(incident.advice).toMatch((way.outcome as { readonly advice: RegExp }).advice);
  await postmortem(loop, incident.id);
  expect(await loop.recommendations()).toEqual([]);
}

async function seen(loop: Loop): Promise<Incident> {
  const incident = await loop.incident('an incident', WORKED_MS, () => true);
  say(`${incident.classes.join(', ')}, seen ${seconds(incident.openedAt - incident.onset)} after its onset`);
  return incident;
}

/** The proposal when there is nothing more to wait for but a person. */
async function decided(loop: Loop, { onset }: Incident): Promise<Recommendation> {
  const leftMs = Math.max(0, onset + VERIFIED_MS - Date.now());
  const found = await loop.recommendation('a verdict', leftMs, ({ phase }) => !UNDER_WAY.has(phase));
  say(`${found.phase} ${seconds(Date.now() - onset)} after the onset: ${verdict(found)}`);
  return found;
}

function verdict({ patch, reason, verification }: Recommendation): string {
  const { result, signal, before = 0, after = 0, deltaLow = 0, deltaHigh = 0 } = verification ?? {};
  if (signal === undefined) return `${result ?? 'no verdict'}: ${reason}`;
  const [from, to, low, high] = [before, after, deltaLow, deltaHigh].map((each) => each / 1000);
  return `${JSON.stringify(patch)} ${result}: ${signal} ${from} → ${to}, difference ${low} to ${high}`;
}

/** A person merges while clients write: none of their writes fails, and all members run it in time. */
async function live(loop: Loop, { branch, patch }: Recommendation): Promise<void> {
  const { clients } = loop;
  await clients.begin();
  const mergedMs = Date.now();
  const commit = loop.person.merge(branch!);
  await eventually('the first member running it', FIRST_LIVE_MS, async () =>
    (await loop.running(patch)) > 0 ? true : undefined,
  );
  const firstMs = Date.now() - mergedMs;
  await eventually('every member running it', ALL_LIVE_MS - firstMs, () => loop.runs(commit, patch));
  say(`live: first after ${seconds(firstMs)}, all after ${seconds(Date.now() - mergedMs)}`);
  await clients.end();
  say(`${clients.writes} writes meanwhile, ${clients.failures.length} operations failed`);
  expect(clients.failures).toEqual([]);
  expect(clients.writes).toBeGreaterThan(100);
}

async function postmortem(loop: Loop, id: string): Promise<void> {
  const written = await loop.incident(
    'a postmortem',
    WORKED_MS,
    (each) => each.id === id && each.postmortem !== undefined,
  );
  say(`postmortem: ${written.postmortem}`);
}
