import { CLASSES, type EffectKind, type IncidentClass } from '@aegis/agent/diagnose';
import type { DiskSample, TruthLog } from '../truth/log.js';
import { BOUNDS, MARGIN } from './bounds.js';
import { beforeOf, callSeconds, demandSpans, lateSpans, leaseLosers, type Before } from './clients.js';
import { diskSpans } from './disks.js';
import { mostTerms } from './elections.js';
import { behindSpans } from './lag.js';
import { silentSpans } from './silence.js';
import { longestMs, since, totalMs, without, type Span } from './spans.js';
import { viewsOf, type Views } from './views.js';

/** Something that was true, and where: at a member, by its id. */
export interface Finding {
  readonly effect: EffectKind;
  readonly at: number | 'cluster' | 'clients';
  /** What was measured, for people. */
  readonly measured: string;
}

export interface Verdict {
  readonly classes: readonly IncidentClass[];
  readonly findings: readonly Finding[];
  /** Classes that were, or were not, only because of where a bound is: the case says nothing then. */
  readonly nearBound: readonly IncidentClass[];
}

/**
 * What was true of a case.
 * @param untouchedMs for how long nothing had been done: what came later is held against it
 * @param sinceMs what was so before is none of it
 */
export function judge(log: TruthLog, untouchedMs: number, sinceMs = untouchedMs): Verdict {
  const calls = callSeconds(log);
  const seen: Seen = { views: viewsOf(log), calls, before: beforeOf(calls, log, untouchedMs), sinceMs };
  const findings = findingsOf(log, seen, 1);
  const classes = classesOf(findings);
  const easily = classesOf(findingsOf(log, seen, 1 - MARGIN));
  const hardly = classesOf(findingsOf(log, seen, 1 + MARGIN));
  return {
    classes,
    findings,
    nearBound: CLASSES.filter((name) => easily.includes(name) !== hardly.includes(name)),
  };
}

/** What depends on no bound. */
interface Seen {
  readonly views: Views;
  readonly calls: ReturnType<typeof callSeconds>;
  readonly before: Before;
  readonly sinceMs: number;
}

/** @param scale of all bounds */
function findingsOf(log: TruthLog, seen: Seen, scale: number): Finding[] {
  const { calls, before, sinceMs } = seen;
  const late = since(lateSpans(calls, before, scale), sinceMs);
  return [
    ...storm(log, sinceMs, scale),
    ...split(seen, scale),
    ...slowFollowers(log, seen, scale),
    ...starvation(log, sinceMs, scale),
    ...diskStalls(log, sinceMs, scale),
    ...overload(demandSpans(log, before, scale), late, scale),
    ...silence(log, sinceMs, scale),
    ...(totalMs(late) >= BOUNDS.lateForMs * scale
      ? [{ effect: 'AnswersLate', at: 'clients', measured: `late for ${ms(totalMs(late))}` } as const]
      : []),
  ];
}

function classesOf(findings: readonly Finding[]): IncidentClass[] {
  return CLASSES.filter((name) => findings.some(({ effect }) => effect === name));
}

function storm(log: TruthLog, sinceMs: number, scale: number): Finding[] {
  const terms = mostTerms(log, BOUNDS.stormWindowMs, sinceMs);
  return terms >= BOUNDS.stormTerms * scale
    ? [{ effect: 'ElectionStorm', at: 'cluster', measured: `${terms} terms in 30 s` }]
    : [];
}

function split({ views, sinceMs }: Seen, scale: number): Finding[] {
  const leaderless = since(views.leaderless, sinceMs);
  const boundMs = BOUNDS.apartMs * scale;
  const found = (at: Finding['at'], spans: readonly Span[]): Finding[] => {
    const longest = longestMs(since(spans, sinceMs));
    return longest >= boundMs ? [{ effect: 'SplitBrain', at, measured: ms(longest) }] : [];
  };
  return [
    ...[...views.apart].flatMap(([id, spans]) => found(id, spans)),
    ...found('cluster', views.noQuorum),
    ...(longestMs(leaderless) >= BOUNDS.leaderlessMs * scale
      ? [{ effect: 'LeaderLost', at: 'cluster', measured: ms(longestMs(leaderless)) } as const]
      : []),
  ];
}

function slowFollowers(log: TruthLog, { views, sinceMs }: Seen, scale: number): Finding[] {
  const behind = behindSpans(log, BOUNDS.behindMs * scale, views.apart);
  return [...behind].flatMap(([id, spans]): Finding[] => {
    const longest = longestMs(since(spans, sinceMs));
    return longest >= BOUNDS.behindForMs * scale
      ? [{ effect: 'SlowFollower', at: id, measured: `behind for ${ms(longest)}` }]
      : [];
  });
}

function starvation(log: TruthLog, sinceMs: number, scale: number): Finding[] {
  const losers = leaseLosers(log, sinceMs);
  const all = log.keepers.length;
  return losers > 0 && losers >= all * BOUNDS.leasesLostShare * scale
    ? [{ effect: 'LeaseStarvation', at: 'clients', measured: `${losers} of ${all} lost a lease` }]
    : [];
}

function diskStalls(log: TruthLog, sinceMs: number, scale: number): Finding[] {
  const spans = (id: number, is: (sample: DiskSample) => boolean): Span[] =>
    since(diskSpans(log, id, is), sinceMs);
  return log.members.flatMap((id): Finding[] => {
    const stalledMs = longestMs(spans(id, ({ stalled }) => stalled));
    const slowMs = totalMs(
      spans(id, (sample) => sample.stalled || sample.slowMs >= BOUNDS.syncSlowMs * scale),
    );
    const fullMs = totalMs(spans(id, ({ full }) => full));
    const found =
      stalledMs >= BOUNDS.syncStalledMs * scale ||
      slowMs >= BOUNDS.syncSlowForMs * scale ||
      fullMs >= BOUNDS.diskFullForMs * scale;
    const measured = `stalled for ${ms(stalledMs)}, slow for ${ms(slowMs)}, full for ${ms(fullMs)}`;
    return found ? [{ effect: 'DiskStall', at: id, measured }] : [];
  });
}

/** Much was wanted, and while it was, answers were late. */
function overload(wanted: readonly Span[], late: readonly Span[], scale: number): Finding[] {
  const bothMs = totalMs(wanted) - totalMs(without(wanted, late));
  return bothMs >= BOUNDS.demandForMs * scale
    ? [{ effect: 'Overload', at: 'clients', measured: `much wanted and late for ${ms(bothMs)}` }]
    : [];
}

function silence(log: TruthLog, sinceMs: number, scale: number): Finding[] {
  return log.members.flatMap((id): Finding[] => {
    const silentMs = longestMs(since(silentSpans(log, id), sinceMs));
    return silentMs >= BOUNDS.silentMs * scale
      ? [{ effect: 'ReplicaSilent', at: id, measured: `${ms(silentMs)} without an answer` }]
      : [];
  });
}

function ms(time: number): string {
  return `${Math.round(time)} ms`;
}
