import type {
  ForwardedBatch,
  ForwardRefused,
  KnownCommit,
  SnapshotFrame,
  StateHash,
} from '@aegis/proto/replica/peer';

import type { Message } from '../../raft/index.js';

export interface PeerAddress {
  readonly id: number;
  /** host:port */
  readonly address: string;
}

export type SnapshotBody = NonNullable<SnapshotFrame['body']>;

/** One end of a connection that carries a snapshot: frames arrive whole and in order, or the connection ends. */
export interface SnapshotLink {
  send(body: SnapshotBody): void;
  /** What was sent before still leaves; nothing is heard of this link afterwards. */
  close(): void;
}

export interface SnapshotLinkEvents {
  /** For who dialled. */
  opened(): void;
  frame(body: SnapshotBody): void;
  /** It is over, and nothing else will be heard of it. Not called after `close`. */
  closed(reason: string): void;
}

/** What comes from other replicas, in the order in which each of them sent it. */
export interface PeerReceiver {
  message(message: Message): void;
  forwarded(from: number, batch: ForwardedBatch): void;
  forwardRefused(refused: ForwardRefused): void;
  /** What a peer says of its state. */
  hashes(from: number, hashes: readonly StateHash[]): void;
  /** A member that was removed knows that to be committed. */
  knownCommit(commit: KnownCommit): void;
  /** A link to this peer failed, or something for it was dropped. */
  unreachable(peer: number): void;
  /** This peer says that this replica was removed from the cluster. */
  refusedAsRemoved(peer: number): void;
  /** A peer has dialled to send a snapshot. */
  snapshotLink(from: number, link: SnapshotLink): SnapshotLinkEvents;
}

/**
 * Carries frames between replicas. Nothing is promised but this: what arrives is what was sent by a member of
 * this cluster to this member, whole, and a forwarded batch arrives at most once: nobody but the client's session would know it
 * again. What is handed over in one turn leaves as one frame a peer with `flush`.
 */
export interface PeerTransport {
  start(receiver: PeerReceiver): Promise<void>;
  /** The other members, by the applied membership. Who is none any more is told so, and cut off. */
  setPeers(peers: readonly PeerAddress[]): void;
  send(message: Message): void;
  forward(to: number, batch: ForwardedBatch): void;
  refuse(to: number, refused: ForwardRefused): void;
  /** Hashes of the own state. */
  tell(to: number, hashes: readonly StateHash[]): void;
  /** To all members: what this one, which was removed, knows to be committed. */
  tellCommit(commit: KnownCommit): void;
  flush(): void;
  /** A connection of its own, so that a snapshot delays nothing. */
  dialSnapshot(to: number, events: SnapshotLinkEvents): SnapshotLink;
  stop(): Promise<void>;
}
