import { Standing } from '@aegis/proto/replica/peer';

import type { Membership } from '../../state/index.js';

/** What a membership says of the folder with this nonce. */
export function standingOf(membership: Membership, nonce: string): Standing {
  const { clusterId, members, removedNonces } = membership;
  const member = members.find((each) => each.nonce === nonce);
  if (member === undefined) {
    return Standing.fromPartial({ clusterId, removedNonce: removedNonces.includes(nonce) });
  }
  const { id: memberId, name, peerAddress, clientAddress, metricsAddress } = member;
  return Standing.fromPartial({ clusterId, memberId, name, peerAddress, clientAddress, metricsAddress });
}
