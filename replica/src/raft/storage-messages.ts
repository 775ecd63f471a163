import type { Core } from './core.js';
import { message, MessageType, type Message } from './message.js';
import type { Ready } from './ready.js';
import { LOCAL_APPEND_THREAD, LOCAL_APPLY_THREAD, type Entry, type Snapshot } from './types.js';

/** Whether the core must hear when the writes of this Ready are done. */
export function needsAppendResponse(core: Core, snapshot: Snapshot | undefined): boolean {
  return core.log.unstable.entries.length > 0 || snapshot !== undefined;
}

/**
 * "All writes so far are durable." It names the last entry of the whole log, not of this Ready, and the current term.
 * Both matter with several writes under way: entries A may be replaced by B and again by A; the answer to the first
 * write of A would match the log while B is still being written over it. So answers of an earlier term do not count for
 * entries, and because some are lost that way, each later answer speaks for all entries before it.
 */
export function appendResponse(core: Core, snapshot: Snapshot | undefined): Message {
  const unstable = core.log.unstable.entries.length > 0;
  return message({
    type: MessageType.MsgStorageAppendResp,
    to: core.id,
    from: LOCAL_APPEND_THREAD,
    term: core.term,
    index: unstable ? core.log.lastIndex() : 0,
    logTerm: unstable ? core.log.lastTerm() : 0,
    snapshot,
  });
}

export function applyResponse(core: Core, entries: readonly Entry[]): Message {
  return message({ type: MessageType.MsgStorageApplyResp, to: core.id, from: LOCAL_APPLY_THREAD, entries });
}

/** The order to write; undefined when there is nothing to write and no answer waits for earlier writes. */
export function storageAppend(core: Core, rd: Ready): Message | undefined {
  const waiting = core.messagesAfterAppend;
  if (
    rd.entries.length === 0 &&
    rd.hardState === undefined &&
    rd.snapshot === undefined &&
    waiting.length === 0
  ) {
    return undefined;
  }
  // Own acknowledgements come before the response: while it is handled, the entries' terms are still in memory.
  const responses = needsAppendResponse(core, rd.snapshot)
    ? [...waiting, appendResponse(core, rd.snapshot)]
    : waiting;
  return message({
    type: MessageType.MsgStorageAppend,
    to: LOCAL_APPEND_THREAD,
    from: core.id,
    term: rd.hardState?.term ?? 0,
    vote: rd.hardState?.vote ?? 0,
    commit: rd.hardState?.commit ?? 0,
    entries: rd.entries,
    snapshot: rd.snapshot,
    responses,
  });
}

/** The order to apply; undefined when nothing is to be applied. */
export function storageApply(core: Core, rd: Ready): Message | undefined {
  if (rd.committedEntries.length === 0) return undefined;
  return message({
    type: MessageType.MsgStorageApply,
    to: LOCAL_APPLY_THREAD,
    from: core.id,
    entries: rd.committedEntries,
    responses: [applyResponse(core, rd.committedEntries)],
  });
}
