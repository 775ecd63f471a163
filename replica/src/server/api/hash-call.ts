import type { HashRequest, HashResponse } from '@aegis/proto/v1/cluster';
import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import type { StateMachine } from '../../state/index.js';
import type { Driver } from '../driver/driver.js';

/** Of the state of this replica alone: as it is now, or as a scrub of the whole cluster found it. */
export function hashOf(
  { integrity }: Driver,
  state: StateMachine,
  { contents, scrubIndex: index }: HashRequest,
  reply: (answer: HashResponse | { $failed: Failure }) => void,
): void {
  if (index !== 0) {
    const known = integrity.scrub(index);
    const { standing } = known;
    if (known.standing !== 'done') reply({ index, chainedHash: '', contentHash: '', standing });
    else reply({ index, chainedHash: known.chained, contentHash: known.contents, standing });
    return;
  }
  const chainedHash = state.hash;
  if (!contents) {
    reply({ index: state.appliedIndex, chainedHash, contentHash: '', standing: '' });
    return;
  }
  state.contentHash().then(
    ({ index, hash }) => reply({ index, chainedHash, contentHash: hash, standing: '' }),
    // The storage was closed under it: another state was installed, or the replica stops.
    () => reply({ $failed: errorOf('SHUTTING_DOWN', {}) }),
  );
}
