import { KvTxnRequest } from '@aegis/proto/v1/kv';
import type { Operation as OperationMessage, SessionRequest } from '@aegis/proto/v1/session';
import type { Instant } from '../clock/clock.js';
import type { Operation, Request } from './operation.js';
import type { StreamHandle } from './stream-handle.js';

/** Bounds of a frame in the contract, the bytes with room to spare for what the estimate leaves out. */
const FRAME_OPERATIONS_MAX = 10_000;
const FRAME_BYTES_MAX = 3 * 1024 * 1024;
/** The most that any operation takes besides its name, value and list of leases. */
const OPERATION_BYTES = 160;

/** All unanswered operations of a connection: in the outbox, or on a stream. */
export class Ledger {
  private readonly unanswered = new Map<number, Operation>();
  private outbox: Operation[] = [];
  private nextId = 1;
  /** No deadline is earlier: spares looking at every operation at every tick. Milliseconds, monotonic. */
  private earliestDeadlineMs = Infinity;

  get size(): number {
    return this.unanswered.size;
  }

  get waiting(): number {
    return this.outbox.length;
  }

  get(id: number): Operation | undefined {
    return this.unanswered.get(id);
  }

  all(): IterableIterator<Operation> {
    return this.unanswered.values();
  }

  add(operation: Operation): void {
    operation.id = this.nextId++;
    this.unanswered.set(operation.id, operation);
    this.outbox.push(operation);
    this.earliestDeadlineMs = Math.min(this.earliestDeadlineMs, operation.deadlineMs);
  }

  /** Those whose time is over. */
  due(nowMs: number): Operation[] {
    if (nowMs < this.earliestDeadlineMs) return [];
    this.earliestDeadlineMs = Infinity;
    const due: Operation[] = [];
    for (const operation of this.unanswered.values()) {
      if (operation.deadlineMs <= nowMs) due.push(operation);
      else this.earliestDeadlineMs = Math.min(this.earliestDeadlineMs, operation.deadlineMs);
    }
    return due;
  }

  /** Puts operations back into the outbox, before those that have not been sent yet. */
  again(operations: Operation[]): void {
    for (const operation of operations) this.detach(operation);
    this.outbox = operations.concat(this.outbox);
  }

  /** Has everything sent again that waits on this stream and may be. */
  repeat(handle: StreamHandle): void {
    const repeatable = [...this.unanswered.values()].filter(
      ({ stream, retry }) => stream === handle && retry === 'always',
    );
    this.again(repeatable);
  }

  /** The operation is answered, or nobody cares any more. */
  remove(operation: Operation): void {
    this.unanswered.delete(operation.id);
    this.detach(operation);
    if (operation.sequence !== 0) operation.window?.settle(operation.sequence);
  }

  /** It no longer waits on the stream on which it was sent. */
  detach(operation: Operation): void {
    if (operation.stream === undefined) return;
    operation.stream.unanswered--;
    operation.stream = undefined;
  }

  /**
   * Takes the next frame out of the outbox, and notes its operations as sent on `stream`. Undefined: nothing can be
   * sent. Operations whose session has no room in its window stay, in their order.
   */
  nextFrame(stream: StreamHandle, room: number, now: Instant): SessionRequest | undefined {
    const operations: OperationMessage[] = [];
    const held: Operation[] = [];
    const limit = Math.min(room, FRAME_OPERATIONS_MAX);
    let bytes = 0;
    let index = 0;
    for (; index < this.outbox.length && operations.length < limit; index++) {
      const operation = this.outbox[index]!;
      // Answered or given up while it waited here, or already sent again.
      if (!this.unanswered.has(operation.id) || operation.stream !== undefined) continue;
      const size = OPERATION_BYTES + variableBytes(operation.request);
      if (operations.length > 0 && bytes + size > FRAME_BYTES_MAX) break;
      if (operation.window !== undefined && operation.sequence === 0) {
        operation.sequence = operation.window.take();
        if (operation.sequence === 0) {
          held.push(operation);
          continue;
        }
      }
      bytes += size;
      operation.stream = stream;
      operation.firstSent ??= now;
      operation.sends++;
      const call = operation.window?.call(operation.sequence);
      operations.push({ id: operation.id, call, request: operation.request });
    }
    this.outbox = index < this.outbox.length ? held.concat(this.outbox.slice(index)) : held;
    return operations.length === 0 ? undefined : { operations };
  }
}

/** An upper bound of the bytes of what has no fixed size. */
function variableBytes(request: Request): number {
  switch (request.$case) {
    case 'leaseKeepAlive':
      return request.value.leases.length * 8;
    case 'lockAcquire':
    case 'lockRelease':
    case 'lockDescribe':
    case 'lockWatch':
      return request.value.name.length * 3;
    case 'lockList':
      return (request.value.prefix.length + request.value.after.length) * 3;
    case 'campaign':
    case 'proclaim':
      return request.value.election.length * 3 + request.value.value.length;
    case 'leader':
    case 'observe':
    case 'resign':
      return request.value.election.length * 3;
    case 'leaseGrant':
    case 'leaseRevoke':
    case 'leaseTimeToLive':
    case 'leaseList':
    case 'unwatch':
    case 'ping':
    case 'kvCompact':
      return 0;
    case 'kvRange':
    case 'kvDeleteRange':
    case 'kvWatch':
      return request.value.key.length + request.value.rangeEnd.length;
    case 'kvPut':
      return request.value.key.length + request.value.value.length;
    case 'kvTxn':
      return KvTxnRequest.encode(request.value).finish().length;
  }
}
