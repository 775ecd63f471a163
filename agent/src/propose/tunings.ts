import { FIELDS, type SettingName } from '@aegis/replica/settings';
import type { Situation, Tuning } from './remedies.js';

const US_PER_MS = 1000;
/** An agent's patch goes no further at once (rule pace-at-most-double). */
const STEP = 2;
/** Above what was seen once, because it was seen once. */
const MARGIN = { times: 5, over: 4 };
const ROUND_MS = 50;

/**
 * An election timeout that bears what was measured: ten round trips, ten heartbeats, and the longest sync and pause with a quarter
 * more. The shortest lease follows where it must outlive an election. Undefined: it bears that already, or nothing was measured.
 */
export function longerElections({ base, observations }: Situation): Tuning | undefined {
  const { roundTripP99Us, fsyncP999Us = 0, pauseMaxUs = 0 } = observations;
  const stallUs = fsyncP999Us + pauseMaxUs;
  const bounds = [
    {
      ms: Math.ceil((10 * (roundTripP99Us ?? 0)) / US_PER_MS),
      why: `ten round trips of ${ms(roundTripP99Us ?? 0)}`,
    },
    {
      ms: Math.ceil((stallUs * MARGIN.times) / MARGIN.over / US_PER_MS),
      why: `a sync of ${ms(fsyncP999Us)} and a pause of ${ms(pauseMaxUs)}, with a quarter more`,
    },
    { ms: 10 * base.heartbeatIntervalMs, why: `ten heartbeats of ${base.heartbeatIntervalMs} ms` },
  ];
  const most = bounds.reduce((a, b) => (b.ms > a.ms ? b : a));
  const needed = bounded('electionTimeoutMs', roundUp(most.ms));
  if (needed <= base.electionTimeoutMs) return undefined;
  // The shortest lease may be doubled as well, and no more.
  const longest = Math.floor((2 * STEP * base.leaseMinTtlMs) / 3);
  const electionTimeoutMs = Math.min(needed, STEP * base.electionTimeoutMs, longest);
  if (electionTimeoutMs <= base.electionTimeoutMs) return undefined;
  return {
    patch: { electionTimeoutMs, ...leaseFor(electionTimeoutMs, base.leaseMinTtlMs) },
    needed: { electionTimeoutMs: needed, ...leaseFor(needed, base.leaseMinTtlMs) },
    effect: `Fewer elections while the leader lives: the election timeout bears ${most.why}.`,
    risk: `A leader that is truly gone is missed for longer: up to ${2 * electionTimeoutMs} ms instead of ${2 * base.electionTimeoutMs} ms before the next one is sought. Leases shorter than the new minimum are refused to those who ask for them.`,
  };
}

/** The shortest lease that outlives an election (rule lease-outlives-election), if the present one does not. */
function leaseFor(electionTimeoutMs: number, leaseMinTtlMs: number): { leaseMinTtlMs?: number } {
  const least = Math.ceil((3 * electionTimeoutMs) / 2);
  return least > leaseMinTtlMs ? { leaseMinTtlMs: bounded('leaseMinTtlMs', least) } : {};
}

/** A log that a follower finds its entries in when it comes back, instead of needing a snapshot. */
export function longerLog({ base }: Situation): Tuning | undefined {
  const logRetentionEntries = bounded('logRetentionEntries', STEP * base.logRetentionEntries);
  if (logRetentionEntries <= base.logRetentionEntries) return undefined;
  const patch = { logRetentionEntries };
  return {
    patch,
    needed: patch,
    effect: `Fewer snapshots: a follower may be ${logRetentionEntries} entries behind, and was sent a snapshot from ${base.logRetentionEntries} on.`,
    risk: 'The log takes up to twice the room on every disk, and a member that starts reads more of it.',
  };
}

/** More unanswered messages to a follower that is far away, so that its link is never idle. */
export function widerWindow({ base }: Situation): Tuning | undefined {
  const maxInflightMessages = bounded('maxInflightMessages', STEP * base.maxInflightMessages);
  if (maxInflightMessages <= base.maxInflightMessages) return undefined;
  const patch = { maxInflightMessages };
  return {
    patch,
    needed: patch,
    effect: `The follower over the slow link catches up faster: ${maxInflightMessages} messages may be under way, ${base.maxInflightMessages} before.`,
    risk: 'What is under way waits in the memory of the leader, within maxInflightBytes, and a follower that stopped is noticed later.',
  };
}

/** Fewer leases an expiry command, so that keepalives get their turn in between. */
export function smallerExpiries({ base }: Situation): Tuning | undefined {
  const leaseExpiryPerTick = bounded('leaseExpiryPerTick', Math.ceil(base.leaseExpiryPerTick / STEP));
  if (leaseExpiryPerTick >= base.leaseExpiryPerTick) return undefined;
  const patch = { leaseExpiryPerTick };
  return {
    patch,
    needed: patch,
    effect: `Keepalives wait for shorter commands when many leases end at once: ${leaseExpiryPerTick} a command, ${base.leaseExpiryPerTick} before.`,
    risk: 'A mass expiry takes more commands, so that locks of dead holders are free a little later.',
  };
}

function bounded(name: SettingName, value: number): number {
  const { min, max } = FIELDS[name];
  return Math.min(max, Math.max(min, value));
}

function roundUp(value: number): number {
  return Math.ceil(value / ROUND_MS) * ROUND_MS;
}

function ms(microseconds: number): string {
  return `${Math.ceil(microseconds / US_PER_MS)} ms`;
}
