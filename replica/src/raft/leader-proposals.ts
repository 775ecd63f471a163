import { assert } from './assert.js';
import { confChangeOf } from './conf-change/codec.js';
import { asV2, type AnyConfChange } from './conf-change/conf-change.js';
import type { Core } from './core.js';
import { proposalDropped, type RaftError } from './errors.js';
import type { Message } from './message.js';
import { appendEntries } from './proposals.js';
import { isJoint } from './quorum/joint.js';
import { broadcastAppend } from './replication.js';
import { EntryType, NONE, refusedChangeData, type Entry } from './types.js';

/** Leader only: appends the proposed entries and sends them on. */
export function handleProposal(core: Core, m: Message): RaftError | undefined {
  assert(m.entries.length > 0, 'a proposal needs entries');
  // Removed from the configuration, a leader may go on for a while, but it takes nothing new.
  if (core.progress(core.id) === undefined) return proposalDropped;
  if (core.leadTransferee !== NONE) {
    core.logger.debug?.(`${core.id} drops a proposal: it is handing over to ${core.leadTransferee}`);
    return proposalDropped;
  }
  if (!appendEntries(core, withoutRefusedChanges(core, m.entries))) return proposalDropped;
  broadcastAppend(core);
  return undefined;
}

const refusedEntry: Entry = { term: 0, index: 0, type: EntryType.Normal, data: refusedChangeData };

/**
 * Membership changes that may not be made now become empty entries, so that positions of the others in the batch stay.
 * A change that is let through is noted as the pending one.
 */
function withoutRefusedChanges(core: Core, proposed: readonly Entry[]): readonly Entry[] {
  let entries: Entry[] | undefined;
  for (let i = 0; i < proposed.length; i++) {
    const entry = proposed[i]!;
    if (entry.type === EntryType.Normal) continue;
    const change = confChangeOf(entry);
    if (change === undefined) continue;
    const reason = whyRefused(core, change);
    if (reason === undefined || core.settings.disableConfChangeValidation) {
      core.pendingConfIndex = core.log.lastIndex() + i + 1;
    } else {
      core.logger.info?.(`${core.id} refuses a membership change: ${reason}`);
      entries ??= proposed.slice();
      entries[i] = refusedEntry;
    }
  }
  return entries ?? proposed;
}

function whyRefused(core: Core, change: AnyConfChange): string | undefined {
  const joint = isJoint(core.tracker.config.voters);
  const leaving = asV2(change).changes.length === 0;
  if (core.pendingConfIndex > core.log.applied) {
    return `one may be pending up to ${core.pendingConfIndex}, applied is ${core.log.applied}`;
  }
  if (joint && !leaving) return 'the joint configuration must be left first';
  if (!joint && leaving) return 'there is no joint configuration to leave';
  return undefined;
}
