import { Batch, type Command, type Result } from '@aegis/proto/replica/command';
import type { Life, Message, Parcel, SimulatedMember } from '@aegis/replica/sim';

import type { Committed } from './history.js';
import type { Report } from './verdict.js';

/** A place for reports, and the invariants that were reported. */
export function reports(): { readonly report: Report; readonly broken: string[] } {
  const broken: string[] = [];
  return { report: (invariant) => void broken.push(invariant), broken };
}

/** An entry that member 1 applied first. */
export function committed(over: Partial<Committed>): Committed {
  return {
    index: 1,
    term: 1,
    hash: 'h',
    member: 1,
    atMs: 0,
    stampedAtMs: 0,
    batch: undefined,
    applied: { origin: 0, number: 0, stampMs: 0, results: [], events: [], changes: [], scrub: false },
    change: false,
    appliedBefore: undefined,
    ...over,
  };
}

/** Commands and what came of them, as one entry, stamped and committed at once unless it says otherwise. */
export function batch(
  {
    index,
    term = 1,
    atMs,
    stampedAtMs = atMs,
    stampMs = stampedAtMs,
  }: { index: number; term?: number; atMs: number; stampedAtMs?: number; stampMs?: number },
  ...done: readonly (readonly [Command['op'], Result['result']])[]
): Committed {
  const commands = done.map(([op]) => ({ call: undefined, op }));
  const results = done.map(([, result]) => ({ result }));
  const applied = { origin: 1, number: index, stampMs, results, events: [], changes: [], scrub: false };
  const stamped = Batch.fromPartial({ version: 1, stampMs, commands });
  return committed({ index, term, atMs, stampedAtMs, batch: stamped, applied });
}

/** A member of three voters whose log has these terms, the first of them at index 1. */
export function member(
  id: number,
  terms: readonly number[],
  { onDisk = terms.length, hardState = { term: 0, vote: 0, commit: 0 }, applied = 0, termNow = 0 } = {},
): SimulatedMember {
  const termAt = (index: number): number | undefined => (index === 0 ? 0 : terms[index - 1]);
  const confState = { voters: [1, 2, 3], votersOutgoing: [], learners: [] };
  const log = {
    truncation: { index: 0, term: 0 },
    hardState,
    firstIndex: () => 1,
    lastIndex: () => onDisk,
    term: termAt,
    entries: () => [],
  };
  const raft = {
    basicStatus: () => ({ firstIndex: 1, lastIndex: terms.length, term: termNow }),
    termAt,
  };
  const life = {
    log,
    raft,
    state: { appliedIndex: applied, membership: { confState } },
    environment: { paused: false, workedMs: 0 },
  };
  return { id, life: life as unknown as Life, settings: { electionTimeoutMs: 1000 } } as SimulatedMember;
}

/** What one member hands to the network for another. */
export function parcel(from: number, to: number, fields: Partial<Message>): Parcel {
  const empty = { type: 0, term: 0, logTerm: 0, index: 0, commit: 0, reject: false } as Message;
  return {
    from,
    to,
    messages: [{ ...empty, from, to, ...fields }],
    forwards: [],
    refusals: [],
  } as unknown as Parcel;
}
