import type { BackupHeader } from '@aegis/replica/backup';

/** Of a small backup, for tests. */
export const HEADER: BackupHeader = {
  stateVersion: 1,
  clusterId: 'c',
  memberId: 1,
  index: 7,
  term: 2,
  stateHash: 'ab',
  revision: 3,
  compactedRevision: 0,
  newestToken: 4,
  profile: 'all',
  voters: 3,
  takenAtMs: 0,
  software: 'test',
};
