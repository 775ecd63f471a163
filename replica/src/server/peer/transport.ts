import type { ForwardedBatch, ForwardRefused } from '@aegis/proto/replica/peer';

import type { Message } from '../../raft/index.js';

export interface PeerAddress {
  readonly id: number;
  /** host:port */
  readonly address: string;
}

/** What comes from other replicas, in the order in which each of them sent it. */
export interface PeerReceiver {
  message(message: Message): void;
  forwarded(from: number, batch: ForwardedBatch): void;
  forwardRefused(refused: ForwardRefused): void;
  /** A link to this peer failed, or something for it was dropped. */
  unreachable(peer: number): void;
}

/**
 * Carries frames between replicas. Nothing is promised but this: what arrives is what was sent by a member of
 * this cluster to this member, whole. What is handed over in one turn leaves as one frame a peer with `flush`.
 */
export interface PeerTransport {
  start(receiver: PeerReceiver): Promise<void>;
  setPeers(peers: readonly PeerAddress[]): void;
  send(message: Message): void;
  forward(to: number, batch: ForwardedBatch): void;
  refuse(to: number, refused: ForwardRefused): void;
  flush(): void;
  stop(): Promise<void>;
}
