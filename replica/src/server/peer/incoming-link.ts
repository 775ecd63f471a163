import { Frame, Hello, Refusal, Standing } from '@aegis/proto/replica/peer';
import type { Socket } from 'node:net';

import { frame, FRAME_BYTES_MAX, FrameReader } from './framing.js';
import type { LinkIdentity } from './hello.js';
import { judgeHello, type PeerGate, type Refused } from './peer-gate.js';

export interface IncomingEvents extends PeerGate {
  /** A peer has connected; `address` is where it listens. */
  welcomed(from: number, address: string): void;
  frame(frame: Frame): void;
  /** The connection carries a snapshot; what comes in goes to what this returns. */
  snapshot(from: number, socket: Socket): (body: Buffer) => void;
  /** A frame or connection was dropped: garbage, another cluster, a stranger. */
  refused(remote: string, reason: string): void;
  /** Somebody asks which member the folder with this nonce is. */
  standing(nonce: string): Standing;
}

export interface IncomingLink {
  /** The peer, once it is known. */
  readonly from: number | undefined;
  /** The newest state machine version that its software knows. */
  readonly stateVersion: number;
  /** Ends the connection, saying why. */
  refuse(refused: Refused): void;
  destroy(): void;
}

const HELLO_TIMEOUT_MS = 5000;

/** A connection on which a peer sends to this replica. The first frame must prove that it is meant for us. */
export function serveIncoming(socket: Socket, identity: LinkIdentity, events: IncomingEvents): IncomingLink {
  const reader = new FrameReader();
  const remote = `${socket.remoteAddress}:${socket.remotePort}`;
  let from: number | undefined;
  let stateVersion = 0;
  let snapshot: ((body: Buffer) => void) | undefined;

  const end = (answer: Uint8Array): void => {
    socket.end(frame(answer));
    socket.destroySoon();
  };
  const refuse = (refused: Refused): void => {
    if (socket.destroyed || socket.writableEnded) return;
    events.refused(remote, refused.reason);
    end(Refusal.encode(refused).finish());
  };
  const greet = (hello: Hello): void => {
    if (hello.nonce !== '' && hello.clusterId === identity.clusterId) {
      end(Standing.encode(events.standing(hello.nonce)).finish());
      return;
    }
    const refused = judgeHello(hello, identity, events);
    if (refused !== undefined) {
      refuse(refused);
      return;
    }
    from = hello.from;
    stateVersion = hello.stateVersion;
    reader.limit = FRAME_BYTES_MAX;
    socket.setTimeout(0);
    events.welcomed(from, hello.peerAddress);
    if (hello.snapshot) snapshot = events.snapshot(from, socket);
  };
  const take = (body: Buffer): void => {
    if (socket.destroyed || socket.writableEnded) return;
    if (from === undefined) {
      greet(Hello.decode(body));
      return;
    }
    if (snapshot !== undefined) {
      snapshot(body);
      return;
    }
    const received = Frame.decode(body);
    if (
      received.clusterId !== identity.clusterId ||
      received.to !== identity.self ||
      received.from !== from
    ) {
      const reason = `a frame for member ${received.to} of cluster ${received.clusterId} from ${received.from}`;
      refuse({ reason, removed: false });
      return;
    }
    events.frame(received);
  };

  socket.setNoDelay(true);
  socket.setTimeout(HELLO_TIMEOUT_MS, () => refuse({ reason: 'no hello within 5 s', removed: false }));
  socket.on('data', (chunk: Buffer) => {
    try {
      reader.push(chunk, take);
    } catch (error) {
      refuse({ reason: `not a frame: ${(error as Error).message}`, removed: false });
    }
  });
  socket.on('error', () => socket.destroy());
  return {
    get from() {
      return from;
    },
    get stateVersion() {
      return stateVersion;
    },
    refuse,
    destroy: () => socket.destroy(),
  };
}
