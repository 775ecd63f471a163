import { assert } from './assert.js';
import type { ReadOnlyOption } from './config.js';
import type { Message } from './message.js';
import { jointCommitted, type JointConfig } from './quorum/joint.js';
import type { AckLookup } from './quorum/majority.js';

/** A read that waits until a quorum confirmed that its leader still leads. */
export interface PendingRead {
  readonly request: Message;
  /** Commit index when the read arrived: whoever applied it may answer. */
  readonly index: number;
}

const CONTEXT_BYTES = 8;

/**
 * Reads of one leadership in order of arrival, numbered from 1. A heartbeat carries the number of the newest read, so
 * its answer confirms that one and all before it: one round serves all that wait. A read never joins a round whose
 * heartbeats left before it came, because that round carries a smaller number.
 */
export class ReadOnly implements AckLookup {
  readonly option: ReadOnlyOption;
  /** Highest number that each member confirmed. */
  private readonly acks = new Map<number, number>();
  private waiting: PendingRead[] = [];
  /** Reads confirmed so far: waiting[i] has number confirmed + 1 + i. */
  private confirmed = 0;

  constructor(option: ReadOnlyOption) {
    this.option = option;
  }

  add(request: Message, index: number): void {
    this.waiting.push({ request, index });
  }

  /** The newest number as 8 bytes, little-endian; undefined when nothing waits. */
  heartbeatContext(): Uint8Array | undefined {
    if (this.waiting.length === 0) return undefined;
    const context = new Uint8Array(CONTEXT_BYTES);
    let rest = this.confirmed + this.waiting.length;
    for (let i = 0; rest > 0; i++) {
      context[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return context;
  }

  receiveAck(from: number, context: Uint8Array | undefined): void {
    if (context === undefined || context.length === 0) return;
    assert(context.length >= CONTEXT_BYTES, 'a read round has a number of eight bytes');
    let number = 0;
    for (let i = CONTEXT_BYTES - 1; i >= 0; i--) number = number * 256 + context[i]!;
    this.acks.set(from, Math.max(number, this.acks.get(from) ?? 0));
  }

  acked(id: number): number | undefined {
    return this.acks.get(id);
  }

  /** Takes out the reads that a quorum has confirmed by now. */
  takeConfirmed(voters: JointConfig): PendingRead[] {
    const count = jointCommitted(voters, this) - this.confirmed;
    if (count <= 0) return [];
    assert(count <= this.waiting.length, 'a quorum confirmed a read that was never asked');
    this.confirmed += count;
    return this.waiting.splice(0, count);
  }
}
