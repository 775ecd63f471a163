import { Frame, Hello, Refusal } from '@aegis/proto/replica/peer';
import type { Socket } from 'node:net';

import { frame, FRAME_BYTES_MAX, FrameReader } from './framing.js';
import type { LinkIdentity } from './outgoing-link.js';

export interface IncomingEvents {
  frame(frame: Frame): void;
  /** The connection carries a snapshot; what comes in goes to what this returns. */
  snapshot(from: number, socket: Socket): (body: Buffer) => void;
  /** A frame or connection was dropped: garbage, another cluster, a stranger. */
  refused(remote: string, reason: string): void;
  isMember(id: number): boolean;
}

const HELLO_TIMEOUT_MS = 5000;

/** A connection on which a peer sends to this replica. The first frame must prove that it is meant for us. */
export function serveIncoming(socket: Socket, identity: LinkIdentity, events: IncomingEvents): void {
  const reader = new FrameReader();
  const remote = `${socket.remoteAddress}:${socket.remotePort}`;
  let from: number | undefined;
  let snapshot: ((body: Buffer) => void) | undefined;

  const refuse = (reason: string): void => {
    events.refused(remote, reason);
    socket.end(frame(Refusal.encode({ reason }).finish()));
    socket.destroySoon();
  };
  const take = (body: Buffer): void => {
    if (socket.destroyed || socket.writableEnded) return;
    if (from === undefined) {
      const hello = Hello.decode(body);
      const reason = judge(hello, identity, events);
      if (reason !== undefined) {
        refuse(reason);
        return;
      }
      from = hello.from;
      reader.limit = FRAME_BYTES_MAX;
      socket.setTimeout(0);
      if (hello.snapshot) snapshot = events.snapshot(from, socket);
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
      refuse(`a frame for member ${received.to} of cluster ${received.clusterId} from ${received.from}`);
      return;
    }
    events.frame(received);
  };

  socket.setNoDelay(true);
  socket.setTimeout(HELLO_TIMEOUT_MS, () => refuse('no hello within 5 s'));
  socket.on('data', (chunk: Buffer) => {
    try {
      reader.push(chunk, take);
    } catch (error) {
      refuse(`not a frame: ${(error as Error).message}`);
    }
  });
  socket.on('error', () => socket.destroy());
}

function judge(hello: Hello, identity: LinkIdentity, events: IncomingEvents): string | undefined {
  if (hello.protocol !== 1) return `peer protocol ${hello.protocol} is not known here (1 is)`;
  if (hello.clusterId !== identity.clusterId) {
    return `this replica belongs to cluster ${identity.clusterId}, not ${hello.clusterId.slice(0, 64)}`;
  }
  if (hello.to !== identity.self) return `this is member ${identity.self}, not ${hello.to}`;
  if (!events.isMember(hello.from)) return `${hello.from} is no member of this cluster`;
  return undefined;
}
