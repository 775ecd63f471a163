import type { Hello } from '@aegis/proto/replica/peer';

/** Who may connect: what the replica's applied membership says of an id. */
export interface PeerGate {
  isMember(id: number): boolean;
  /** Was a member and is gone. Ids are given in order and once, so any other stranger is newer than what is applied here. */
  isRemoved(id: number): boolean;
}

export interface Refused {
  readonly reason: string;
  readonly removed: boolean;
}

const PROTOCOL = 1;

/** Why a connection is refused; undefined: it is welcome. */
export function judgeHello(
  hello: Hello,
  own: { readonly clusterId: string; readonly self: number },
  gate: PeerGate,
): Refused | undefined {
  const refused = (reason: string): Refused => ({ reason, removed: false });
  if (hello.protocol !== PROTOCOL) return refused(`peer protocol ${hello.protocol} is not known here (1 is)`);
  if (hello.clusterId !== own.clusterId) {
    return refused(`this replica belongs to cluster ${own.clusterId}, not ${hello.clusterId.slice(0, 64)}`);
  }
  // Before the address: where the removed one looks for a member there may be another one now.
  if (gate.isRemoved(hello.from)) {
    return { reason: `member ${hello.from} was removed from this cluster`, removed: true };
  }
  if (hello.to !== own.self) return refused(`this is member ${own.self}, not ${hello.to}`);
  if (hello.from === own.self || hello.from === 0)
    return refused(`${hello.from} is no member of this cluster`);
  // A newer member, of which this replica has not heard yet, may be the one that brings the news.
  if (!gate.isMember(hello.from) && hello.peerAddress === '') {
    return refused(`${hello.from} is no member of this cluster`);
  }
  return undefined;
}
