import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Frame, Hello, RaftMessage, SnapshotFrame, Standing } from '@aegis/proto/replica/peer';

import { serveIncoming } from '../../server/peer/incoming-link.js';
import { frame } from '../../server/peer/framing.js';
import { SocketSnapshotLink } from '../../server/peer/snapshot-link.js';
import { decodeMessage, encodeMessage } from '../../server/peer/wire.js';
import { same, type Target } from '../target.js';
import { CLUSTER } from './fresh-state.js';

const IDENTITY = { clusterId: CLUSTER, self: 1, incarnation: 3, listen: '127.0.0.1:7001' };
const HELLO = {
  protocol: 1,
  clusterId: CLUSTER,
  from: 2,
  to: 1,
  incarnation: 9,
  stateVersion: 1,
  snapshot: false,
  peerAddress: '127.0.0.1:7002',
  nonce: '',
};
/** A folder that asks which member it is. */
const QUESTION = { ...HELLO, from: 0, to: 0, peerAddress: '', nonce: 'ab'.repeat(16) };
/** What the socket hands over at once. */
const PIECE_BYTES = 53;

class FakeSocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1';
  readonly remotePort = 1;
  destroyed = false;
  writableEnded = false;
  setNoDelay(): void {}
  setTimeout(): void {}
  write(): void {}
  end(): void {
    this.writableEnded = true;
  }
  destroySoon(): void {
    this.writableEnded = true;
  }
  destroy(): void {
    this.destroyed = true;
  }
}

/** Everything on a connection from a peer: its Hello, and then its frames, or the frames of a snapshot. */
export const peerStreams: Target = {
  name: 'peer-streams',
  shape: 'bytes',
  seeds: () => [
    stream(QUESTION),
    stream(HELLO, Frame.encode(someFrame()).finish()),
    stream(
      HELLO,
      Frame.encode(someFrame()).finish(),
      Frame.encode({ ...someFrame(), messages: [] }).finish(),
    ),
    stream(
      { ...HELLO, snapshot: true },
      ...snapshotBodies().map((body) =>
        SnapshotFrame.encode({ clusterId: CLUSTER, from: 2, to: 1, body }).finish(),
      ),
    ),
  ],
  run: (bytes) => {
    const socket = new FakeSocket();
    let frames = 0;
    let answered = false;
    const real = socket as unknown as Socket;
    serveIncoming(real, IDENTITY, {
      frame: ({ messages }) => {
        frames++;
        for (const message of messages) throughTheWire(message);
      },
      snapshot: (from, connection) => {
        const link = SocketSnapshotLink.accept(connection, IDENTITY, from, () => ({
          opened: () => {},
          frame: () => void frames++,
          closed: () => {},
        }));
        return (body) => link.take(body);
      },
      refused: () => {},
      welcomed: () => {},
      standing: () => {
        answered = true;
        return Standing.fromPartial({ clusterId: CLUSTER, memberId: 3, name: 'aegis-3' });
      },
      isMember: (id) => id <= 3,
      isRemoved: (id) => id > 100,
    });
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      socket.emit('data', bytes.subarray(at, at + PIECE_BYTES));
    return answered || (frames > 0 && !socket.writableEnded);
  },
};

/** One frame between replicas, whose fields are known to the mutator. */
export const peerFrames: Target = {
  name: 'peer-frames',
  shape: 'protobuf',
  seeds: () => [Frame.encode(someFrame()).finish(), Frame.encode({ ...someFrame(), forwards: [] }).finish()],
  run: (bytes) => {
    let received: Frame;
    try {
      received = Frame.decode(bytes);
    } catch (error) {
      // `serveIncoming` ends the connection on any error; these are those of the protobuf reader.
      if (error instanceof Error && !(error instanceof TypeError)) return false;
      throw error;
    }
    const once = Frame.encode(received).finish();
    same(once, Frame.encode(Frame.decode(once)).finish(), 'a peer frame');
    for (const message of received.messages) throughTheWire(message);
    return true;
  },
};

function throughTheWire(message: RaftMessage): void {
  const once = RaftMessage.encode(encodeMessage(decodeMessage(message))).finish();
  same(
    once,
    RaftMessage.encode(encodeMessage(decodeMessage(RaftMessage.decode(once)))).finish(),
    'a message',
  );
}

function stream(hello: Hello, ...bodies: Uint8Array[]): Buffer {
  return Buffer.concat([frame(Hello.encode(hello).finish()), ...bodies.map(frame)]);
}

function someFrame(): Frame {
  const entry = (index: number) => ({ term: 3, index, type: 0, data: 'ZGF0YQ==' });
  const append = {
    type: 3,
    to: 1,
    from: 2,
    term: 3,
    logTerm: 2,
    index: 7,
    entries: [entry(8), entry(9)],
    commit: 7,
    context: 'Y29udGV4dA==',
  };
  return Frame.fromJSON({
    clusterId: CLUSTER,
    from: 2,
    to: 1,
    messages: [append, { type: 8, to: 1, from: 2, term: 3, commit: 7 }],
    forwards: [{ term: 3, origin: 5, number: 6, commands: ['AAAA', 'AQID'] }],
    refusals: [{ origin: 5, number: 4 }],
    probe: { id: 1, sentMs: 1000 },
    probeReply: { id: 2, wallMs: 1_700_000_000_000 },
    hashes: [
      { index: 256, hash: Buffer.alloc(32, 7).toString('base64') },
      { index: 300, contents: true },
    ],
    commit: { index: 60, term: 3 },
  });
}

function snapshotBodies(): NonNullable<SnapshotFrame['body']>[] {
  return [
    { $case: 'offer', value: { id: 'a', term: 3, index: 9, logTerm: 3, stateVersion: 1 } },
    { $case: 'chunk', value: { number: 0, rows: Buffer.from('rows'), checksum: 1 } },
    { $case: 'end', value: { chunks: 1, digest: Buffer.alloc(32) } },
    { $case: 'wanted', value: { next: 1 } },
    { $case: 'held', value: {} },
  ];
}
