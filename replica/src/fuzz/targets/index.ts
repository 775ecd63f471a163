import type { Target } from '../target.js';
import { sessionFrames, unaryRequests } from './client-frames.js';
import { commandCodec, commands } from './commands.js';
import { backups, bootstrapRecords, faultOrders, identities, settings } from './files.js';
import { logRecords, logSegments } from './log.js';
import { membershipChanges } from './membership.js';
import { peerFrames, peerStreams } from './peer-frames.js';
import { snapshotRows, snapshots } from './snapshots.js';

/** Every decoder of the data plane. */
export const TARGETS: readonly Target[] = [
  sessionFrames,
  unaryRequests,
  peerStreams,
  peerFrames,
  commands,
  commandCodec,
  membershipChanges,
  logRecords,
  logSegments,
  snapshotRows,
  snapshots,
  settings,
  bootstrapRecords,
  identities,
  backups,
  faultOrders,
];
