import type { Core } from './core.js';
import { payloadSize } from './entry-size.js';
import { MessageType } from './message.js';
import { send } from './send.js';
import type { Entry } from './types.js';

/**
 * Leader only: stamps copies of the entries with the term and the next indexes and appends them. False when the
 * uncommitted tail would grow past its limit.
 */
export function appendEntries(core: Core, proposed: readonly Entry[]): boolean {
  if (!reserve(core, payloadSize(proposed))) {
    core.logger.warning?.(`${core.id} drops a proposal: too much is uncommitted`);
    return false;
  }
  const { term } = core;
  let index = core.log.lastIndex();
  const entries = proposed.map(({ type, data }): Entry => ({ term, index: ++index, type, data }));
  const last = core.log.append(entries);
  // The leader's own vote for these entries: it returns, as an acknowledgement to itself, once they are on disk.
  send(core, { type: MessageType.MsgAppResp, to: core.id, index: last });
  return true;
}

/**
 * Empty payloads always pass: a new leader's first entry and the leaving of a joint configuration must not fail. And
 * one proposal of any size passes while nothing else is uncommitted, or it could never be made.
 */
function reserve(core: Core, size: number): boolean {
  const total = core.uncommittedSize + size;
  if (core.uncommittedSize > 0 && size > 0 && total > core.settings.maxUncommittedEntriesSize) return false;
  core.uncommittedSize = total;
  return true;
}

/** The entries were applied. Some may be of an earlier leader and were never counted here. */
export function release(core: Core, entries: readonly Entry[]): void {
  core.uncommittedSize = Math.max(0, core.uncommittedSize - payloadSize(entries));
}
