import { assert } from './assert.js';
import { Changer, type Changed } from './conf-change/changer.js';
import { entersJoint, leavesJoint, type ConfChangeV2 } from './conf-change/conf-change.js';
import { restoreConfig } from './conf-change/restore.js';
import type { Core } from './core.js';
import { isVoter } from './quorum/joint.js';
import { broadcastAppend, maybeCommit, maybeSendAppend } from './replication.js';
import { becomeFollower } from './roles.js';
import { Tracker } from './tracker/tracker.js';
import { confStateOf, describeConfig, equivalentConfStates } from './tracker/tracker-config.js';
import { NONE, StateType, type ConfState } from './types.js';

/** Makes a committed change the active configuration. Throws when the change is impossible: the log is broken then. */
export function applyConfChange(core: Core, change: ConfChangeV2): ConfState {
  const changer = new Changer(core.tracker, core.log.lastIndex());
  const joint = entersJoint(change);
  if (leavesJoint(change)) return switchTo(core, changer.leaveJoint());
  if (joint !== undefined) return switchTo(core, changer.enterJoint(joint.autoLeave, change.changes));
  return switchTo(core, changer.simple(change.changes));
}

/** Replaces all that is known of the configuration by a stored one. */
export function restoreConfState(core: Core, state: ConfState): void {
  const { maxInflightMsgs, maxInflightBytes } = core.settings;
  core.tracker = new Tracker(maxInflightMsgs, maxInflightBytes);
  const restored = switchTo(core, restoreConfig(core.tracker, core.log.lastIndex(), state));
  assert(equivalentConfStates(state, restored), 'the restored configuration differs from the stored one');
}

function switchTo(core: Core, changed: Changed): ConfState {
  core.tracker.switchTo(changed.config, changed.progress);
  core.logger.info?.(`${core.id} switched to ${describeConfig(changed.config)}`);
  const state = confStateOf(changed.config);
  const own = core.progress(core.id);
  core.isLearner = own !== undefined && own.isLearner;

  if ((own === undefined || core.isLearner) && core.state === StateType.Leader) {
    // Removed or demoted while leading. It goes on if not told otherwise: somebody must spread the commit.
    if (core.settings.stepDownOnRemoval) becomeFollower(core, core.term, NONE);
    return state;
  }
  if (core.state !== StateType.Leader || state.voters.length === 0) return state;

  if (maybeCommit(core)) {
    // A smaller quorum may already hold more.
    broadcastAppend(core);
  } else {
    // New members need not wait for the next heartbeat.
    for (const id of core.tracker.ids) if (id !== core.id) maybeSendAppend(core, id, false);
  }
  if (core.leadTransferee !== NONE && !isVoter(core.tracker.config.voters, core.leadTransferee)) {
    core.leadTransferee = NONE;
  }
  return state;
}
