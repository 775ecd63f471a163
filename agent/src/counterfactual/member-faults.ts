import type { Look } from '../classify/look.js';
import { above, spellsOf, type Spell } from '../classify/series.js';
import { silenceOf, silentSpells, stoodStillAround } from '../classify/signals/process.js';
import type { ReplicaWindow } from '../telemetry/index.js';

/** One fault of a trace. `effect` has its fields but the times. */
export interface FaultEntry {
  readonly atMs: number;
  readonly forMs: number;
  readonly effect: Readonly<Record<string, unknown>>;
  /** It happens in a moment: there is nothing to be undone. */
  readonly moment?: true;
}

/** Slower than this many times the usual, and by this much, is a fault. */
const SLOW_TIMES = 3;
const SLOW_BY_SECONDS = 0.005;
/** A loop that stood for less is felt by nobody: three heartbeats. Seconds. */
const STALL_SECONDS = 0.3;
/** A sync that took longer once is a stall; syncs that take long for so many moments in a row are a slow disk. */
const STALLED_SYNC_SECONDS = 0.5;
const SLOW_MOMENTS = 3;
/** After a silence the longest stand of the loop tells of the silence. */
const AFTER_SILENCE = 2;

/** What went wrong in members: disks, standstills, ends. */
export function memberFaults(look: Look): FaultEntry[] {
  const all = look.replicas.flatMap((replica) => {
    const faults = [
      ...disks(look, replica),
      ...fullDisks(look, replica),
      ...silences(look, replica),
      ...stalls(look, replica),
    ];
    return faults.map((fault) => ({ replica, fault, leads: leaderAt(look, fault.atMs) === replica }));
  });
  return all.map(({ replica, fault, leads }) => {
    const alike = all.filter((other) => other.fault.effect['kind'] === fault.effect['kind']);
    const several = alike.some((other) => other.replica !== replica);
    const follows = several && 2 * alike.filter((other) => other.leads).length > alike.length;
    return follows && leads ? { ...fault, effect: { ...fault.effect, on: 'leader' } } : fault;
  });
}

/**
 * What hits one replica after the other, mostly when it leads, hits whoever leads: in a replay that is somebody else. What always hits
 * the same one is its own.
 */
function leaderAt({ timesMs, leaders }: Look, atMs: number): ReplicaWindow | undefined {
  const after = timesMs.findIndex((time) => time - timesMs[0]! > atMs);
  return leaders[Math.max(0, (after === -1 ? timesMs.length : after) - 1)];
}

export function roleIn(look: Look, replica: ReplicaWindow): string {
  return `m${look.replicas.indexOf(replica)}`;
}

/** When a spell began and how long it lasted: what a scrape tells is of the time since the one before. */
export function lasting({ timesMs, stepsMs }: Look, { first, last }: Spell): { atMs: number; forMs: number } {
  const atMs = timesMs[first]! - (first === 0 ? 0 : stepsMs[first]!) - timesMs[0]!;
  return { atMs, forMs: timesMs[last]! - timesMs[0]! - atMs };
}

function disks(look: Look, replica: ReplicaWindow): FaultEntry[] {
  const { fsyncMean, fsyncMax, fsyncBusy, fsyncs } = replica.features;
  const usual = look.usual('fsyncMean');
  const bound = Math.max(SLOW_TIMES * usual, usual + SLOW_BY_SECONDS);
  const on = roleIn(look, replica);
  return spellsOf(look.timesMs, above(fsyncMean, bound), 0).flatMap((spell): FaultEntry[] => {
    const { first, last } = spell;
    const indexes = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    if (indexes.length < SLOW_MOMENTS)
      return indexes.flatMap((index) => {
        if (!(fsyncMax[index]! >= STALLED_SYNC_SECONDS) || stoodStillAround(look, replica, index)) return [];
        const stepMs = look.stepsMs[index]!;
        const others = Math.max(0, (fsyncs[index]! * stepMs) / 1000 - 1) * usual;
        const forMs = stepMs * fsyncBusy[index]! - 1000 * others;
        // It returned somewhere in this step.
        const atMs = look.timesMs[index]! - look.timesMs[0]! - stepMs / 2 - forMs;
        return [{ atMs, forMs, effect: { kind: 'fsync', on, stalled: true } }];
      });
    const mean = indexes.map((index) => fsyncMean[index]!).filter((value) => !Number.isNaN(value));
    const slow = mean.reduce((total, value) => total + value, 0) / mean.length - usual;
    return [
      {
        ...lasting(look, spell),
        effect: { kind: 'fsync', on, slowMs: Math.max(1, Math.round(1000 * slow)) },
      },
    ];
  });
}

function fullDisks(look: Look, replica: ReplicaWindow): FaultEntry[] {
  const on = roleIn(look, replica);
  return spellsOf(look.timesMs, above(replica.features.diskFull, 0), 0).map((spell) => ({
    ...lasting(look, spell),
    effect: { kind: 'disk', on },
  }));
}

/** Who is silent stands still, or has ended: then it is another process afterwards. */
function silences(look: Look, replica: ReplicaWindow): FaultEntry[] {
  const { restarted } = replica.features;
  const on = roleIn(look, replica);
  const silent = silentSpells(look, replica);
  const after = (index: number): Spell | undefined =>
    silent.find(({ first, last }) => index >= first && index <= last + AFTER_SILENCE);
  const anew = Array.from(restarted.keys()).filter((index) => restarted[index] === 1);
  const ended = new Set(anew.map(after));
  const begins = (spell: Spell): number => lasting(look, spell).atMs;
  return [
    ...anew.map((index) => {
      const spell = after(index) ?? { first: index, last: index, seenMs: 0 };
      return { atMs: begins(spell), forMs: 0, effect: { kind: 'kill', on }, moment: true as const };
    }),
    ...silent
      .filter((spell) => !ended.has(spell))
      .map((spell) => {
        const { beganMs, endedMs } = silenceOf(look, spell);
        const atMs = Math.round(beganMs - look.timesMs[0]!);
        return { atMs, forMs: Math.round(endedMs - beganMs), effect: { kind: 'pause', on } };
      }),
  ];
}

function stalls(look: Look, replica: ReplicaWindow): FaultEntry[] {
  const { loopMax, restarted } = replica.features;
  const silent = silentSpells(look, replica);
  const on = roleIn(look, replica);
  return Array.from(loopMax.keys()).flatMap((index): FaultEntry[] => {
    const seconds = loopMax[index]!;
    const explained =
      restarted[index] === 1 ||
      silent.some(({ first, last }) => index >= first && index <= last + AFTER_SILENCE);
    if (!(seconds >= STALL_SECONDS) || explained) return [];
    const forMs = Math.round(1000 * seconds);
    const stepMs = look.stepsMs[index]!;
    // A loop that stands answers nobody: what is shorter than a step lies within it, and what is longer ended somewhere in it.
    const endedMs = forMs < stepMs ? (stepMs - forMs) / 2 : stepMs / 2;
    const atMs = look.timesMs[index]! - look.timesMs[0]! - endedMs - forMs;
    return [{ atMs, forMs, effect: { kind: 'stall', on, ms: forMs }, moment: true }];
  });
}
