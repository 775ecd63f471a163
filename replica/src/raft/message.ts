import { fail } from './assert.js';
import { LOCAL_APPEND_THREAD, LOCAL_APPLY_THREAD, NONE, type Entry, type Snapshot } from './types.js';

/** Numbers are those of etcd's raftpb, so that traces compare. */
export const MessageType = {
  MsgHup: 0,
  MsgBeat: 1,
  MsgProp: 2,
  MsgApp: 3,
  MsgAppResp: 4,
  MsgVote: 5,
  MsgVoteResp: 6,
  MsgSnap: 7,
  MsgHeartbeat: 8,
  MsgHeartbeatResp: 9,
  MsgUnreachable: 10,
  MsgSnapStatus: 11,
  MsgCheckQuorum: 12,
  MsgTransferLeader: 13,
  MsgTimeoutNow: 14,
  MsgReadIndex: 15,
  MsgReadIndexResp: 16,
  MsgPreVote: 17,
  MsgPreVoteResp: 18,
  MsgStorageAppend: 19,
  MsgStorageAppendResp: 20,
  MsgStorageApply: 21,
  MsgStorageApplyResp: 22,
  MsgForgetLeader: 23,
} as const;
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/**
 * All fields are always there, so that every message has one shape. Unused numbers are 0. A message is immutable once
 * it was stepped or taken from a Ready; entries are shared, never copied.
 */
export interface Message {
  type: MessageType;
  to: number;
  from: number;
  /** 0 on local messages and on forwarded proposals and reads, which belong to no term. */
  term: number;
  /** Term of the entry at `index`: before an append's entries, last of a vote's log, at a rejection's hint. */
  logTerm: number;
  index: number;
  entries: readonly Entry[];
  commit: number;
  /** MsgStorageAppend only: with `term` and `commit` the hard state to write; all three 0 when it is unchanged. */
  vote: number;
  snapshot: Snapshot | undefined;
  reject: boolean;
  rejectHint: number;
  /** Opaque; a transfer's mark on votes, a read round's number on heartbeats. */
  context: Uint8Array | undefined;
  /** Storage messages only: to be delivered once the work of this message is durable (append) or done (apply). */
  responses: readonly Message[];
}

const noEntries: readonly Entry[] = Object.freeze([]);
const noResponses: readonly Message[] = Object.freeze([]);

/** Makes a whole message from the fields that matter. */
export function message(fields: Partial<Message> & { type: MessageType }): Message {
  return {
    type: fields.type,
    to: fields.to ?? NONE,
    from: fields.from ?? NONE,
    term: fields.term ?? 0,
    logTerm: fields.logTerm ?? 0,
    index: fields.index ?? 0,
    entries: fields.entries ?? noEntries,
    commit: fields.commit ?? 0,
    vote: fields.vote ?? NONE,
    snapshot: fields.snapshot,
    reject: fields.reject ?? false,
    rejectHint: fields.rejectHint ?? 0,
    context: fields.context,
    responses: fields.responses ?? noResponses,
  };
}

/** Messages that a replica sends itself; from a peer they are refused. */
export function isLocalMessage(type: MessageType): boolean {
  switch (type) {
    case MessageType.MsgHup:
    case MessageType.MsgBeat:
    case MessageType.MsgUnreachable:
    case MessageType.MsgSnapStatus:
    case MessageType.MsgCheckQuorum:
    case MessageType.MsgStorageAppend:
    case MessageType.MsgStorageAppendResp:
    case MessageType.MsgStorageApply:
    case MessageType.MsgStorageApplyResp:
      return true;
    default:
      return false;
  }
}

/** Messages that make sense only from a member of the configuration. */
export function isResponseMessage(type: MessageType): boolean {
  switch (type) {
    case MessageType.MsgAppResp:
    case MessageType.MsgVoteResp:
    case MessageType.MsgHeartbeatResp:
    case MessageType.MsgUnreachable:
    case MessageType.MsgReadIndexResp:
    case MessageType.MsgPreVoteResp:
    case MessageType.MsgStorageAppendResp:
    case MessageType.MsgStorageApplyResp:
      return true;
    default:
      return false;
  }
}

export function isLocalTarget(id: number): boolean {
  return id === LOCAL_APPEND_THREAD || id === LOCAL_APPLY_THREAD;
}

/** The answer's type to a vote or pre-vote request. */
export function voteResponseType(type: MessageType): MessageType {
  if (type === MessageType.MsgVote) return MessageType.MsgVoteResp;
  if (type === MessageType.MsgPreVote) return MessageType.MsgPreVoteResp;
  return fail(`message type ${type} asks for no vote`);
}

const names = Object.fromEntries(Object.entries(MessageType).map(([name, type]) => [type, name]));

export function messageTypeName(type: MessageType): string {
  return names[type] ?? String(type);
}
