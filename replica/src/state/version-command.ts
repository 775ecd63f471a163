import type { Result, SetClusterVersion } from '@aegis/proto/replica/command';
import { UnknownCommandError } from './assert.js';
import type { State } from './state.js';

/** The leader proposes it once every member knows the version. A replica that does not stops here, before the first such batch. */
export function setClusterVersion(state: State, { version }: SetClusterVersion): Result {
  if (version > state.knownVersion) {
    const what = `it raises the cluster to state machine version ${version}, and this software knows ${state.knownVersion}`;
    throw new UnknownCommandError(state.index, what);
  }
  state.clusterVersion = Math.max(state.clusterVersion, version);
  return { result: { $case: 'done', value: {} } };
}
