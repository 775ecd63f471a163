import { assert, fail } from './assert.js';
import type { Core } from './core.js';
import { message, MessageType, messageTypeName, type Message } from './message.js';
import { NONE } from './types.js';

function isElection(type: MessageType): boolean {
  return (
    type === MessageType.MsgVote ||
    type === MessageType.MsgVoteResp ||
    type === MessageType.MsgPreVote ||
    type === MessageType.MsgPreVoteResp
  );
}

/**
 * Queues a message of this replica. Election messages name their term themselves, because a pre-vote asks for a term
 * that nobody entered yet; forwarded proposals and reads have none; all others carry the current one.
 *
 * Answers by which a leader or candidate counts wait for the disk, refusals too: what they are based on may still be
 * unwritten.
 */
export function send(core: Core, fields: Partial<Message> & { type: MessageType; to: number }): void {
  const { type } = fields;
  const queued = message(fields);
  if (queued.from === NONE) queued.from = core.id;
  if (isElection(type)) {
    assert(queued.term !== 0, 'an election message needs a term');
  } else {
    if (queued.term !== 0) fail(`${messageTypeName(type)} must not bring its own term`);
    if (type !== MessageType.MsgProp && type !== MessageType.MsgReadIndex) queued.term = core.term;
  }
  if (
    type === MessageType.MsgAppResp ||
    type === MessageType.MsgVoteResp ||
    type === MessageType.MsgPreVoteResp
  ) {
    core.messagesAfterAppend.push(queued);
  } else {
    if (queued.to === core.id) fail(`${messageTypeName(type)} is addressed to its own sender`);
    core.messages.push(queued);
  }
}
