import { Random } from '@aegis/replica/sim';
import { runTrace, type Trace } from '@aegis/client/chaos';
import { writeRecording } from '@aegis/agent/telemetry';
import type { Effect } from '@aegis/agent/diagnose';
import type { Label, Rejection } from '../labels/index.js';
import { judge, type Finding } from '../predicates/index.js';
import { eventsOf, isConfounded, withoutRoot, type Planned } from '../schedule/index.js';
import { untilQuiet } from '../truth/index.js';
import { noisy, refused } from './admit.js';
import { blind, withGaps } from './blind.js';
import type { House } from './house.js';
import { causeOf, timesOf } from './places.js';
import { recordRun, SCRAPE_MS, WARM_UP_MS, type Run } from './record-run.js';

/** How long a busy machine is waited for; then the case is tried all the same, and the guard judges it. */
const QUIET_WAIT_MS = 300_000;
/** What was started or started again just now compiles its code under the load of the case, before that begins. */
const COMPILE_MS = 15_000;

export type Recorded =
  | { readonly label: Omit<Label, 'id'>; readonly text: string; readonly measured: string }
  | { readonly rejection: Rejection };

/** Records what was drawn, or says why it is not taken up. A confounded case is run a second time without what is at fault. */
export async function recordCase(
  planned: Planned,
  house: House,
  guarded: boolean,
  signal: AbortSignal,
): Promise<Recorded> {
  const { trace, seed, template, control, heldOut } = planned;
  const reject = ({ reason, detail }: Pick<Rejection, 'reason' | 'detail'>): Recorded => ({
    rejection: { template, seed, control, reason, detail },
  });
  const recorded = async (each: Trace): Promise<Run> => {
    const place = await house.place(each);
    const load = each.load.filter(({ atMs }) => atMs === 0);
    const warmUp = { ...each, load, faults: [], durationMs: COMPILE_MS };
    await runTrace(warmUp, place.stage, { seed, connect: place.connect, signal });
    if (guarded) await untilQuiet(place.target, QUIET_WAIT_MS, signal);
    return recordRun(each, seed, place, signal);
  };
  const run = await recorded(trace);
  const events = eventsOf(trace);
  const untouchedMs = events[0]?.atMs ?? trace.durationMs / 2;
  const noise = guarded ? noisy(run, untouchedMs) : undefined;
  if (noise !== undefined) return reject(noise);
  const wrong = run.result.done.find(({ error }) => error !== undefined);
  if (wrong !== undefined && wrong.kind !== 'transfer')
    return reject({ reason: 'failed', detail: `${wrong.kind}: ${wrong.error}`.slice(0, 900) });
  // In a control to which nothing is done all of it counts, once clients are warm.
  const sinceMs = events.length === 0 ? WARM_UP_MS : untouchedMs;
  const verdict = judge(run.truth, untouchedMs, sinceMs);
  const refusal = refused(planned, verdict);
  if (refusal !== undefined) return reject(refusal);

  const random = new Random(seed ^ 0x5eed);
  const members = run.truth.members.map((id) => ({ id, name: run.memberNames.get(id)! }));
  const { recording, names } = blind(run.scrapes, members, SCRAPE_MS, random);
  const kept = control === 'scrape-gaps' ? withGaps(recording, random) : recording;
  const measured = verdict.findings
    .map(({ effect, at, measured: how }) => `${effect}@${at} ${how}`)
    .join('; ');
  const label: Omit<Label, 'id'> = {
    control,
    template,
    seed,
    heldOut,
    confounded: control === null && isConfounded(trace),
    classes: verdict.classes,
    cause: null,
    path: null,
    injectedMs: null,
    endedMs: null,
  };
  if (control !== null) return { label, text: writeRecording(kept), measured };

  const cause = causeOf(trace, run.result, names);
  const times = timesOf(trace, run.result.done, events);
  if (cause === undefined || times === undefined)
    return reject({ reason: 'failed', detail: 'what was to be at fault was not done' });
  let path = verdict.findings;
  if (label.confounded) {
    const other = await recorded(withoutRoot(trace));
    const otherNoise = guarded ? noisy(other, untouchedMs) : undefined;
    if (otherNoise !== undefined)
      return reject({ ...otherNoise, detail: `without its cause: ${otherNoise.detail}` });
    path = vanished(run, verdict.findings, other, judge(other.truth, untouchedMs).findings);
    if (path.length === 0)
      return reject({ reason: 'no-impact', detail: 'without its cause the same was to be seen' });
  }
  const inRecording = (ms: number): number => Math.max(0, Math.round(ms - run.scrapeBeganMs));
  return {
    text: writeRecording(kept),
    measured,
    label: {
      ...label,
      cause,
      path: path.map(({ effect, at }): Effect => ({
        effect,
        at: typeof at === 'number' ? { replica: names.get(at)! } : at,
      })),
      injectedMs: inRecording(times.injectedMs),
      endedMs: inRecording(times.endedMs),
    },
  };
}

/** What was so with the cause and not without it. Members are compared by the roles they had: who plays which is drawn anew for each run. */
function vanished(
  run: Run,
  findings: readonly Finding[],
  other: Run,
  without: readonly Finding[],
): readonly Finding[] {
  const keyIn = ({ result: { roles } }: Run) => {
    const roleOf = new Map(Object.entries(roles).map(([role, id]) => [id, role]));
    return ({ effect, at }: Finding): string =>
      `${effect} ${typeof at === 'number' ? (roleOf.get(at) ?? 'another') : at}`;
  };
  const still = new Set(without.map(keyIn(other)));
  return findings.filter((finding) => !still.has(keyIn(run)(finding)));
}
