import { assert } from './assert.js';
import type { Core } from './core.js';
import { appendEntries } from './proposals.js';
import { ReadOnly } from './read-only.js';
import { emptyBytes, EntryType, NONE, StateType, type Entry } from './types.js';

export function drawElectionTimeout(core: Core): void {
  const { electionTick, randomInt } = core.settings;
  core.randomizedElectionTimeout = electionTick + randomInt(electionTick);
}

/** What every change of role or term forgets. The vote is kept within a term. */
function reset(core: Core, term: number): void {
  if (core.term !== term) {
    core.term = term;
    core.vote = NONE;
  }
  core.lead = NONE;
  core.electionElapsed = 0;
  core.heartbeatElapsed = 0;
  drawElectionTimeout(core);
  core.leadTransferee = NONE;
  core.tracker.resetVotes();
  const last = core.log.lastIndex();
  for (const [id, progress] of core.tracker.progress) {
    progress.restart(id === core.id ? last : 0, last + 1);
  }
  core.pendingConfIndex = 0;
  core.uncommittedSize = 0;
  core.readOnly = new ReadOnly(core.readOnly.option);
}

export function becomeFollower(core: Core, term: number, lead: number): void {
  reset(core, term);
  core.lead = lead;
  core.state = StateType.Follower;
  core.logger.info?.(`${core.id} is follower in term ${term}`);
}

/** A new term, with its own vote already cast for itself. */
export function becomeCandidate(core: Core): void {
  assert(core.state !== StateType.Leader, 'a leader cannot become candidate');
  reset(core, core.term + 1);
  core.vote = core.id;
  core.state = StateType.Candidate;
  core.logger.info?.(`${core.id} is candidate in term ${core.term}`);
}

/** Term and vote stay: only asking around. */
export function becomePreCandidate(core: Core): void {
  assert(core.state !== StateType.Leader, 'a leader cannot become pre-candidate');
  core.tracker.resetVotes();
  core.lead = NONE;
  core.state = StateType.PreCandidate;
  core.logger.info?.(`${core.id} is pre-candidate in term ${core.term}`);
}

const firstEntry: readonly Entry[] = [{ term: 0, index: 0, type: EntryType.Normal, data: emptyBytes }];

export function becomeLeader(core: Core): void {
  assert(core.state !== StateType.Follower, 'a follower cannot become leader without an election');
  reset(core, core.term);
  core.lead = core.id;
  core.state = StateType.Leader;
  const own = core.progress(core.id)!;
  own.becomeReplicate();
  own.recentActive = true;
  // There may be a membership change anywhere in the log so far. Waiting until all of it is applied is simpler than
  // looking for it, and delays a new change only a little.
  core.pendingConfIndex = core.log.lastIndex();
  // §8: an entry of the own term is what lets everything before it be committed.
  assert(appendEntries(core, firstEntry), 'a leader could not append its first entry');
  core.logger.info?.(`${core.id} is leader in term ${core.term}`);
}
