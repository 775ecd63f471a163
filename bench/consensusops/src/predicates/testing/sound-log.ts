import type { Call, DiskSample, Status, StatusSample, TruthLog } from '../../truth/log.js';

export const MEMBERS = [1, 2, 3, 4, 5];
export const UNTOUCHED_MS = 20_000;
const DURATION_MS = 60_000;

/** How a log by hand differs from that of a cluster with which all is well, in which member 1 leads in term 7. */
export interface Differences {
  /** Changes a status; `silent`: no answer; `dead`: there is no process either. */
  readonly status?: (member: number, atMs: number, sound: Status) => Status | 'silent' | 'dead';
  readonly disk?: (member: number, atMs: number) => Partial<DiskSample>;
  /** How long a call takes; undefined: it fails. */
  readonly took?: (via: number, atMs: number) => number | undefined;
  readonly lost?: (via: number, nth: number) => readonly number[];
  readonly demand?: (second: number) => { readonly clients?: number; readonly bytes?: number };
  readonly handoversMs?: readonly number[];
}

/** 500 commands a second, whose index a member has after 5 ms. */
export function indexAt(atMs: number): number {
  return 1000 + Math.floor(atMs / 2);
}

export function logWith({ status, disk, took, lost, demand, handoversMs = [] }: Differences = {}): TruthLog {
  const statuses: StatusSample[] = [];
  const disks: DiskSample[] = [];
  const calls: Call[] = [];
  for (let atMs = 0; atMs < DURATION_MS; atMs += 100) {
    for (const member of MEMBERS) {
      const sentMs = atMs + 20 * member;
      const sound: Status = {
        term: 7,
        role: member === 1 ? 'leader' : 'follower',
        leader: 1,
        commit: indexAt(sentMs),
        applied: indexAt(sentMs - 5),
      };
      const told = status?.(member, sentMs, sound) ?? sound;
      if (told === 'silent' || told === 'dead')
        statuses.push({ member, sentMs, endedMs: sentMs + 1000, alive: told === 'silent' });
      else statuses.push({ member, sentMs, endedMs: sentMs + 3, alive: true, status: told });
      const tookMs = took === undefined ? 6 + (atMs % 5) : took(member, sentMs);
      calls.push({ via: member, beganMs: sentMs, ...(tookMs === undefined ? {} : { tookMs }) });
      if (atMs % 200 === 0)
        disks.push({
          member,
          atMs: sentMs,
          slowMs: 0,
          stalled: false,
          full: false,
          ...disk?.(member, sentMs),
        });
    }
  }
  return {
    members: MEMBERS,
    durationMs: DURATION_MS,
    statuses,
    disks,
    calls,
    keepers: MEMBERS.flatMap((via) =>
      Array.from({ length: 10 }, (_, nth) => ({ via, lostMs: lost?.(via, nth) ?? [] })),
    ),
    demand: Array.from({ length: DURATION_MS / 1000 }, (_, second) => ({
      second,
      clients: 60,
      bytes: 10_240,
      ...demand?.(second),
    })),
    handoversMs,
  };
}

export function within(atMs: number, fromMs: number, toMs: number): boolean {
  return atMs >= fromMs && atMs < toMs;
}
