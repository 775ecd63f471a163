import { encodeConfChange } from './conf-change/codec.js';
import { asV2, ConfChangeType, type ConfChange } from './conf-change/conf-change.js';
import type { Core } from './core.js';
import { RaftError } from './errors.js';
import { applyConfChange } from './membership.js';
import { becomeFollower } from './roles.js';
import { NONE } from './types.js';

export interface Peer {
  id: number;
  context?: Uint8Array;
}

/**
 * Gives an empty replica its first members, as committed entries of term 1, so that the application applies them like
 * any other membership change. They are active at once as well; applying them again changes nothing.
 */
export function bootstrapCore(core: Core, peers: readonly Peer[]): RaftError | undefined {
  if (peers.length === 0) return new RaftError('BOOTSTRAP_WITHOUT_PEERS');
  if (core.log.storage.lastIndex() !== 0) return new RaftError('BOOTSTRAP_NONEMPTY');
  becomeFollower(core, 1, NONE);
  const changes = peers.map(({ id, context }): ConfChange => ({
    type: ConfChangeType.AddNode,
    nodeId: id,
    context,
  }));
  core.log.append(changes.map((change, i) => ({ term: 1, index: i + 1, ...encodeConfChange(change) })));
  core.log.committed = peers.length;
  // After the append, so that progress starts at the end of these entries.
  for (const change of changes) applyConfChange(core, asV2(change));
  return undefined;
}
