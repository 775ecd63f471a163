import type { Result, SetClusterVersion } from '@aegis/proto/replica/command';
import { assert } from './assert.js';
import type { State } from './state.js';

/** The leader proposes it once every member knows the version. A replica that does not stops before the entry: see `envelope/decode.ts`. */
export function setClusterVersion(state: State, { version }: SetClusterVersion): Result {
  assert(version <= state.knownVersion, 'a version that is not known was not let through');
  state.clusterVersion = Math.max(state.clusterVersion, version);
  return { result: { $case: 'done', value: {} } };
}
