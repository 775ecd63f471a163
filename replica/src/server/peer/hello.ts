import { Hello } from '@aegis/proto/replica/peer';

import { STATE_VERSION } from '../../state/index.js';
import { frame } from './framing.js';

/** Who a replica is to its peers. */
export interface LinkIdentity {
  readonly clusterId: string;
  readonly self: number;
  readonly incarnation: number;
  /** Where it listens, as its peers reach it. */
  readonly listen: string;
}

/** The first frame of a connection to `peer`. */
export function helloFrame(identity: LinkIdentity, peer: number, snapshot: boolean): Buffer {
  const { clusterId, self, incarnation, listen } = identity;
  const hello = {
    protocol: 1,
    clusterId,
    from: self,
    to: peer,
    incarnation,
    stateVersion: STATE_VERSION,
    snapshot,
    peerAddress: listen,
    nonce: '',
  };
  return frame(Hello.encode(hello).finish());
}
