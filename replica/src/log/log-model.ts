import type { Entry, HardState } from '../raft/types.js';
import type { LogBatch } from './batch.js';
import type { Log } from './log.js';
import { entriesFrom, textOfEntry } from './log-fixture.js';

/** The log as a few plain values: what the crash test holds the real one against. */
export interface LogModel {
  readonly truncated: number;
  readonly entries: readonly Entry[];
  readonly hardState: HardState;
  readonly stateFolder: string | undefined;
}

export const EMPTY_MODEL: LogModel = {
  truncated: 0,
  entries: [],
  hardState: { term: 0, vote: 0, commit: 0 },
  stateFolder: undefined,
};

export function lastIndexOf({ truncated, entries }: LogModel): number {
  return truncated + entries.length;
}

export function afterAppend(model: LogModel, batch: LogBatch): LogModel {
  let { truncated, entries } = model;
  if (batch.snapshot) {
    truncated = batch.snapshot.index;
    entries = [];
  }
  for (const entry of batch.entries) entries = [...entries.slice(0, entry.index - truncated - 1), entry];
  return {
    truncated,
    entries,
    hardState: batch.hardState ?? model.hardState,
    stateFolder: batch.stateFolder ?? model.stateFolder,
  };
}

export function afterCompaction(model: LogModel, toIndex: number): LogModel {
  if (toIndex <= model.truncated) return model;
  return { ...model, truncated: toIndex, entries: model.entries.slice(toIndex - model.truncated) };
}

export function textOfModel({ truncated, entries, hardState, stateFolder }: LogModel): string {
  const { term, vote, commit } = hardState;
  return [`${truncated} ${term}/${vote}/${commit} ${stateFolder}`, ...entries.map(textOfEntry)].join('\n');
}

/** The same of a real log, all of its entries read. */
export function modelOf(log: Log): LogModel {
  const [first, last] = [log.firstIndex(), log.lastIndex()];
  return {
    truncated: first - 1,
    entries: last < first ? [] : log.entries(first, last + 1, Infinity),
    hardState: log.hardState,
    stateFolder: log.stateFolder,
  };
}

/** A batch such as a replica might write next. */
export function randomBatch(model: LogModel, random: () => number): LogBatch {
  const below = (bound: number): number => Math.floor(random() * bound);
  const { term, vote, commit } = model.hardState;
  const newTerm = term + (random() < 0.3 ? 1 : 0);
  const newVote = newTerm > term ? below(4) : vote || below(4);
  if (random() < 0.04) {
    const index = lastIndexOf(model) + 1 + below(20);
    const confState = {
      voters: [1, 2, 3],
      learners: [],
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: false,
    };
    return {
      snapshot: { index, term: newTerm, confState },
      entries: entriesFrom(index + 1, below(3), newTerm),
      hardState: { term: newTerm, vote: newVote, commit: index },
      stateFolder: `state-${index}`,
    };
  }
  const lowest = Math.max(commit, model.truncated) + 1;
  const end = lastIndexOf(model) + 1;
  const first = random() < 0.2 ? lowest + below(end - lowest + 1) : end;
  const count = random() < 0.15 ? 0 : 1 + below(5);
  const entries = entriesFrom(first, count, newTerm, below(random() < 0.2 ? 2500 : 300));
  const last = count === 0 ? end - 1 : first + count - 1;
  const hardState = { term: newTerm, vote: newVote, commit: commit + below(last - commit + 1) };
  return random() < 0.3 && newTerm === term ? { entries } : { entries, hardState };
}
