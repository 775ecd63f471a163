import type { Socket } from 'node:net';

import type { Traffic } from '../world.js';
import type { LinkFault } from './faults.js';

/** What a slow link may hold back; beyond it frames are dropped, as by a full queue of a router. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;
/** How often a held snapshot looks whether its way is open again. */
const LOOK_MS = 20;

interface Held {
  readonly bytes: Uint8Array;
  readonly dueMs: number;
}

/**
 * Stands in the way of what is written to a socket: it may be late, slow, or lost, and stays in order. Of a snapshot nothing
 * is lost: what a cut holds back leaves when it ends.
 */
export class ShapedSocket {
  readonly #socket: Socket;
  readonly #traffic: Traffic;
  readonly #fault: () => LinkFault;
  readonly #write: (bytes: Uint8Array) => boolean;
  #held: Held[] = [];
  #heldBytes = 0;
  #freeAtMs = 0;
  #lastDueMs = 0;
  #greeted = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor(socket: Socket, traffic: Traffic, fault: () => LinkFault) {
    this.#socket = socket;
    this.#traffic = traffic;
    this.#fault = fault;
    this.#write = socket.write.bind(socket);
  }

  /** Shapes what this replica writes to the socket from now on, each write being one frame. */
  static shape(socket: Socket, traffic: Traffic, fault: () => LinkFault): Socket {
    const shaped = new ShapedSocket(socket, traffic, fault);
    socket.write = (bytes: Uint8Array) => shaped.#take(bytes);
    socket.once('close', () => clearTimeout(shaped.#timer));
    return socket;
  }

  #take(bytes: Uint8Array): boolean {
    const fault = this.#fault();
    if (this.#isLost(fault)) return true;
    const now = performance.now();
    const { bytesPerSecond, delayMs, jitterMs } = fault;
    const takesMs = bytesPerSecond > 0 ? (bytes.length / bytesPerSecond) * 1000 : 0;
    this.#freeAtMs = Math.max(this.#freeAtMs, now) + takesMs;
    const lateMs = delayMs + jitterMs * Math.random();
    const dueMs = Math.max(this.#lastDueMs, this.#freeAtMs + lateMs);
    if (dueMs <= now && this.#held.length === 0 && !fault.cut) return this.#write(bytes);
    this.#lastDueMs = dueMs;
    this.#held.push({ bytes, dueMs });
    this.#heldBytes += bytes.length;
    this.#arm();
    return false;
  }

  /** The first frame says who speaks: without it the rest would be refused, and the link dialled again and again. */
  #isLost({ cut, lossPercent }: LinkFault): boolean {
    if (this.#traffic === 'snapshot') return false;
    const first = !this.#greeted;
    this.#greeted = true;
    if (first) return false;
    return cut || Math.random() * 100 < lossPercent || this.#heldBytes > HELD_BYTES_MAX;
  }

  #arm(): void {
    const next = this.#held[0];
    if (next === undefined || this.#timer !== undefined) return;
    const waitMs = Math.max(this.#fault().cut ? LOOK_MS : 0, next.dueMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#release();
      this.#arm();
    }, waitMs);
  }

  #release(): void {
    const { cut } = this.#fault();
    if (cut && this.#traffic === 'snapshot') return;
    const now = performance.now();
    while (this.#held.length > 0 && this.#held[0]!.dueMs <= now) {
      const { bytes } = this.#held.shift()!;
      this.#heldBytes -= bytes.length;
      if (!cut && this.#socket.writable) this.#write(bytes);
    }
  }
}
