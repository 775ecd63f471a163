import {
  Frame,
  type ForwardedBatch,
  type ForwardRefused,
  Refusal,
  type StateHash,
  type KnownCommit,
} from '@aegis/proto/replica/peer';
import type { Socket } from 'node:net';

import type { Message } from '../../raft/index.js';
import { frame, FrameReader } from './framing.js';
import { helloFrame, type LinkIdentity } from './hello.js';
import { encodeMessage } from './wire.js';

export interface LinkEvents {
  unreachable(peer: number): void;
  connected(peer: number): void;
  disconnected(peer: number, reason: string): void;
  /** The peer says that this replica was removed from the cluster. */
  refusedAsRemoved(peer: number): void;
}

/** What may wait in a link that takes nothing; beyond it frames are dropped, and the core is told. */
const BUFFERED_BYTES_MAX = 64 * 1024 * 1024;
const RECONNECT_MS_MIN = 20;
const RECONNECT_MS_MAX = 1000;
const CONNECT_TIMEOUT_MS = 2000;

/** The connection on which this replica sends to one peer; it dials again for as long as the peer is a member. */
export class OutgoingLink {
  readonly peer: number;
  readonly address: string;
  readonly #identity: LinkIdentity;
  readonly #dial: () => Socket;
  readonly #events: LinkEvents;
  #socket: Socket | undefined;
  #ready = false;
  #closed = false;
  #backoffMs = RECONNECT_MS_MIN;
  #retry: NodeJS.Timeout | undefined;
  #next: Frame | undefined;

  constructor(
    peer: { readonly id: number; readonly address: string },
    identity: LinkIdentity,
    dial: () => Socket,
    events: LinkEvents,
  ) {
    this.peer = peer.id;
    this.address = peer.address;
    this.#identity = identity;
    this.#dial = dial;
    this.#events = events;
    this.#connect();
  }

  get connected(): boolean {
    return this.#ready;
  }

  send(message: Message): void {
    this.#gathered().messages.push(encodeMessage(message));
  }

  forward(batch: ForwardedBatch): void {
    this.#gathered().forwards.push(batch);
  }

  refuse(refused: ForwardRefused): void {
    this.#gathered().refusals.push(refused);
  }

  tell(hashes: readonly StateHash[]): void {
    this.#gathered().hashes.push(...hashes);
  }

  tellCommit(commit: KnownCommit): void {
    this.#gathered().commit = commit;
  }

  probe(id: number, sentMs: number): void {
    this.#gathered().probe = { id, sentMs };
  }

  answerProbe(id: number, wallMs: number): void {
    this.#gathered().probeReply = { id, wallMs };
  }

  flush(): void {
    const next = this.#next;
    if (next === undefined) return;
    this.#next = undefined;
    const socket = this.#socket;
    if (!this.#ready || socket === undefined || socket.writableLength > BUFFERED_BYTES_MAX) {
      this.#events.unreachable(this.peer);
      return;
    }
    socket.write(frame(Frame.encode(next).finish()));
  }

  /** Gives this connection up and dials again. */
  redial(reason: string): void {
    this.#socket?.destroy(new Error(reason));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.destroy();
  }

  /** The peer is no member any more: it is still told what has gathered, its removal for one. */
  retire(): void {
    this.flush();
    this.#closed = true;
    clearTimeout(this.#retry);
    if (this.#ready) this.#socket?.end();
    else this.#socket?.destroy();
  }

  #gathered(): Frame {
    this.#next ??= {
      clusterId: this.#identity.clusterId,
      from: this.#identity.self,
      to: this.peer,
      messages: [],
      forwards: [],
      refusals: [],
      probe: undefined,
      probeReply: undefined,
      hashes: [],
      commit: undefined,
    };
    return this.#next;
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = this.#dial();
    this.#socket = socket;
    let reason = 'the peer closed the connection';
    socket.setNoDelay(true);
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('no connection within 2 s')));
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0);
      socket.write(helloFrame(this.#identity, this.peer, false));
      this.#ready = true;
      this.#backoffMs = RECONNECT_MS_MIN;
      this.#events.connected(this.peer);
    });
    // The only thing that comes back on this connection is a refusal.
    const reader = new FrameReader();
    socket.on('data', (bytes: Buffer) => {
      try {
        reader.push(bytes, (body) => {
          const refusal = Refusal.decode(body);
          reason = `refused: ${refusal.reason.slice(0, 300)}`;
          if (refusal.removed && !this.#closed) this.#events.refusedAsRemoved(this.peer);
        });
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      const wasReady = this.#ready;
      this.#ready = false;
      if (this.#closed) return;
      if (wasReady || this.#backoffMs === RECONNECT_MS_MIN) this.#events.disconnected(this.peer, reason);
      if (wasReady) this.#events.unreachable(this.peer);
      this.#retry = setTimeout(() => this.#connect(), this.#backoffMs);
      this.#backoffMs = Math.min(RECONNECT_MS_MAX, this.#backoffMs * 2);
    });
  }
}
