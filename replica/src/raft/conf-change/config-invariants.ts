import { isJoint, jointVoters } from '../quorum/joint.js';
import type { ProgressMap } from '../tracker/tracker.js';
import type { TrackerConfig } from '../tracker/tracker-config.js';

/** What must hold between a configuration and its progress; the first rule that does not, in words. */
export function violatedInvariant(config: TrackerConfig, progress: ProgressMap): string | undefined {
  const { voters, learners, learnersNext, autoLeave } = config;
  for (const id of [...jointVoters(voters), ...learners, ...learnersNext]) {
    if (!progress.has(id)) return `member ${id} has no progress`;
  }
  for (const id of learnersNext) {
    if (!voters.outgoing.includes(id)) return `next learner ${id} is no outgoing voter`;
    if (progress.get(id)!.isLearner) return `next learner ${id} already counts as learner`;
  }
  for (const id of learners) {
    if (voters.outgoing.includes(id)) return `learner ${id} is an outgoing voter`;
    if (voters.incoming.includes(id)) return `learner ${id} is a voter`;
    if (!progress.get(id)!.isLearner) return `learner ${id} does not count as learner`;
  }
  if (!isJoint(voters)) {
    if (learnersNext.length > 0) return 'next learners outside a joint configuration';
    if (autoLeave) return 'nothing to leave automatically outside a joint configuration';
  }
  return undefined;
}
