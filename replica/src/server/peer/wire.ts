import type { RaftMessage } from '@aegis/proto/replica/peer';

import { message as raftMessage, type EntryType, type Message, type MessageType } from '../../raft/index.js';

const NONE = Buffer.alloc(0);

/** The core's message as it goes over the wire. Snapshots travel on a connection of their own. */
export function encodeMessage(m: Message): RaftMessage {
  return {
    type: m.type,
    to: m.to,
    from: m.from,
    term: m.term,
    logTerm: m.logTerm,
    index: m.index,
    entries: m.entries.map((entry) => ({
      term: entry.term,
      index: entry.index,
      type: entry.type,
      data: asBuffer(entry.data),
    })),
    commit: m.commit,
    vote: m.vote,
    reject: m.reject,
    rejectHint: m.rejectHint,
    context: m.context === undefined ? NONE : asBuffer(m.context),
  };
}

export function decodeMessage(m: RaftMessage): Message {
  return raftMessage({
    type: m.type as MessageType,
    to: m.to,
    from: m.from,
    term: m.term,
    logTerm: m.logTerm,
    index: m.index,
    entries: m.entries.map((entry) => ({
      term: entry.term,
      index: entry.index,
      type: entry.type as EntryType,
      data: entry.data,
    })),
    commit: m.commit,
    vote: m.vote,
    reject: m.reject,
    rejectHint: m.rejectHint,
    context: m.context.length === 0 ? undefined : m.context,
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
