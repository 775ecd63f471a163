import type { Core } from './core.js';
import { Campaign, hup, isPromotable } from './election.js';
import { checkQuorum } from './leader.js';
import { broadcastHeartbeat } from './replication.js';
import { NONE, StateType } from './types.js';

/** One unit of the caller's clock: the only time that the core knows. */
export function tick(core: Core): void {
  if (core.state === StateType.Leader) tickLeader(core);
  else tickElection(core);
}

function tickElection(core: Core): void {
  core.electionElapsed++;
  if (core.electionElapsed < core.randomizedElectionTimeout || !isPromotable(core)) return;
  core.electionElapsed = 0;
  hup(core, core.settings.preVote ? Campaign.PreElection : Campaign.Election);
}

function tickLeader(core: Core): void {
  const { settings } = core;
  core.heartbeatElapsed++;
  core.electionElapsed++;
  if (core.electionElapsed >= settings.electionTick) {
    core.electionElapsed = 0;
    if (settings.checkQuorum) checkQuorum(core);
    // A transfer that took this long will not succeed any more: take proposals again.
    if (core.state === StateType.Leader) core.leadTransferee = NONE;
  }
  // The check of the quorum may just have ended this leadership.
  if (core.state !== StateType.Leader) return;
  if (core.heartbeatElapsed >= settings.heartbeatTick) {
    core.heartbeatElapsed = 0;
    broadcastHeartbeat(core);
  }
}
