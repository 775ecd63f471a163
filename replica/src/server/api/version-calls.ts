import type { RaiseVersionRequest, RaiseVersionResponse } from '@aegis/proto/v1/cluster';
import type { Error as Failure } from '@aegis/proto/v1/error';

import { errorOf } from '../../errors/index.js';
import { StateType } from '../../raft/index.js';
import type { StateMachine } from '../../state/index.js';
import type { Driver } from '../driver/driver.js';
import { judgeVersion } from '../versions/judge-version.js';
import type { Hint } from './operations.js';

/** What the software of a connected member knows. */
export type VersionOf = (member: number) => number | undefined;

/** Has the cluster agree on a later version of the state machine, if this replica leads and every member knows it. */
export function raiseVersion(
  { version }: RaiseVersionRequest,
  parts: {
    readonly driver: Driver;
    readonly state: StateMachine;
    readonly memberId: number;
    readonly versionOf: VersionOf;
    readonly hint: Hint;
  },
  reply: (answer: RaiseVersionResponse | { $failed: Failure }) => void,
): void {
  const { driver, state, memberId, versionOf, hint } = parts;
  if (version < state.clusterVersion) {
    const expected = `${state.clusterVersion} or more: it never falls`;
    reply({ $failed: errorOf('INVALID_ARGUMENT', { field: 'version', value: version, expected }) });
    return;
  }
  if (driver.role !== StateType.Leader) {
    reply({ $failed: hint(errorOf('NOT_LEADER', {})) });
    return;
  }
  const { version: own } = state;
  const membership = state.membership!;
  const refused = judgeVersion(version, { self: memberId, own, membership, of: versionOf });
  if (refused !== undefined) {
    reply({ $failed: refused });
    return;
  }
  driver.raiseVersion(version, (_result, failed) =>
    reply(failed === undefined ? { version: state.clusterVersion } : { $failed: hint(failed) }),
  );
}
