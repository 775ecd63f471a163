import type { Membership } from '../../state/index.js';
import type { BootstrapRecord } from './bootstrap-record.js';

/** Who belongs to a cluster that begins with this record. */
export function firstMembership(record: BootstrapRecord): Membership {
  const ids = record.members.map((member) => member.id).toSorted((a, b) => a - b);
  return {
    clusterId: record.clusterId,
    members: record.members.map((member) => ({ ...member, learner: false })),
    confState: { voters: ids, learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
    removedNonces: [],
    nextMemberId: Math.max(...ids) + 1,
  };
}
