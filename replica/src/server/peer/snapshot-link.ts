import { Refusal, SnapshotFrame } from '@aegis/proto/replica/peer';
import type { Socket } from 'node:net';

import { frame, FRAME_BYTES_MAX, FrameReader } from './framing.js';
import { helloFrame, type LinkIdentity } from './hello.js';
import type { SnapshotBody, SnapshotLink, SnapshotLinkEvents } from './transport.js';

/** A connection on which nobody says anything for so long is given up; the sender dials anew. */
const IDLE_TIMEOUT_MS = 15_000;

/** One end of a snapshot's connection. */
export class SocketSnapshotLink implements SnapshotLink {
  readonly #socket: Socket;
  readonly #identity: LinkIdentity;
  readonly #peer: number;
  #events: SnapshotLinkEvents | undefined;

  private constructor(socket: Socket, identity: LinkIdentity, peer: number) {
    this.#socket = socket;
    this.#identity = identity;
    this.#peer = peer;
    socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy(new Error(`idle for ${IDLE_TIMEOUT_MS} ms`)));
  }

  /** The end of who sends the snapshot. */
  static dial(
    socket: Socket,
    identity: LinkIdentity,
    peer: number,
    events: SnapshotLinkEvents,
  ): SnapshotLink {
    const link = new SocketSnapshotLink(socket, identity, peer);
    const reader = new FrameReader();
    reader.limit = FRAME_BYTES_MAX;
    socket.setNoDelay(true);
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', () => {
      socket.write(helloFrame(identity, peer, true));
      events.opened();
    });
    socket.on('data', (bytes: Buffer) => {
      try {
        reader.push(bytes, (body) => link.take(body));
      } catch (error) {
        link.#end(`not a frame: ${(error as Error).message}`);
      }
    });
    link.#listen(events);
    return link;
  }

  /** The end of who receives it, on a connection whose Hello was accepted; `take` gets what comes in. */
  static accept(
    socket: Socket,
    identity: LinkIdentity,
    peer: number,
    listen: (link: SnapshotLink) => SnapshotLinkEvents,
  ): SocketSnapshotLink {
    const link = new SocketSnapshotLink(socket, identity, peer);
    link.#listen(listen(link));
    return link;
  }

  send(body: SnapshotBody): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    const { clusterId, self } = this.#identity;
    this.#socket.write(frame(SnapshotFrame.encode({ clusterId, from: self, to: this.#peer, body }).finish()));
  }

  close(): void {
    this.#events = undefined;
    this.#socket.end();
  }

  /** A frame as it came in. */
  take(bytes: Buffer): void {
    const events = this.#events;
    if (events === undefined) return;
    const { clusterId, from, to, body } = SnapshotFrame.decode(bytes);
    const { self } = this.#identity;
    if (from === 0) {
      this.#end(`refused: ${Refusal.decode(bytes).reason.slice(0, 300)}`);
    } else if (clusterId !== this.#identity.clusterId || to !== self || from !== this.#peer) {
      const reason = `a snapshot frame for member ${to} of cluster ${clusterId.slice(0, 64)} from ${from}`;
      this.send({ $case: 'refused', value: { reason } });
      this.#end(reason);
    } else if (body !== undefined) {
      events.frame(body);
    }
  }

  #listen(events: SnapshotLinkEvents): void {
    this.#events = events;
    let reason = 'the peer closed the connection';
    this.#socket.on('error', (error) => {
      reason = error.message;
    });
    this.#socket.on('close', () => this.#end(reason));
  }

  #end(reason: string): void {
    const events = this.#events;
    this.#events = undefined;
    this.#socket.destroySoon();
    events?.closed(reason);
  }
}
