import { InvariantViolation } from '../assert.js';
import { Inflights } from '../tracker/inflights.js';
import { Progress } from '../tracker/progress.js';
import type { Tracker, ProgressMap } from '../tracker/tracker.js';
import type { TrackerConfig } from '../tracker/tracker-config.js';
import { ConfChangeType, type ConfChangeSingle } from './conf-change.js';
import { violatedInvariant } from './config-invariants.js';

/**
 * A change that must not be made. The checks at proposing prevent most, the application the others (an empty change with
 * a transition other than Auto, the removal of the last voter): met while applying, it leaves nothing to do but to stop.
 */
export class ConfChangeRefused extends InvariantViolation {
  override readonly name: string = 'ConfChangeRefused';
}

export interface Changed {
  config: TrackerConfig;
  progress: ProgressMap;
}

/** Under work: sets while changes are made, sorted lists again afterwards. */
interface Draft {
  incoming: Set<number>;
  outgoing: Set<number>;
  learners: Set<number>;
  learnersNext: Set<number>;
  progress: Map<number, Progress>;
}

/**
 * Computes the next configuration from the active one, without touching it. Progress of members that stay is copied;
 * new members start at `lastIndex`, where the first probe tells what they lack.
 */
export class Changer {
  private readonly tracker: Tracker;
  private readonly lastIndex: number;

  constructor(tracker: Tracker, lastIndex: number) {
    this.tracker = tracker;
    this.lastIndex = lastIndex;
  }

  /** (1 2 3) becomes (changed) and (1 2 3): both must agree from now on. */
  enterJoint(autoLeave: boolean, changes: readonly ConfChangeSingle[]): Changed {
    const draft = this.draft();
    if (draft.outgoing.size > 0) throw new ConfChangeRefused('the configuration is already joint');
    if (draft.incoming.size === 0) throw new ConfChangeRefused('an empty configuration cannot become joint');
    draft.outgoing = new Set(draft.incoming);
    this.apply(draft, changes);
    return finish(draft, autoLeave);
  }

  /** The outgoing half goes, and its members that have no other role with it; waiting learners become learners. */
  leaveJoint(): Changed {
    const draft = this.draft();
    if (draft.outgoing.size === 0) throw new ConfChangeRefused('the configuration is not joint');
    for (const id of draft.learnersNext) {
      draft.learners.add(id);
      draft.progress.get(id)!.isLearner = true;
    }
    draft.learnersNext.clear();
    for (const id of draft.outgoing) {
      if (!draft.incoming.has(id) && !draft.learners.has(id)) draft.progress.delete(id);
    }
    draft.outgoing.clear();
    return finish(draft, false);
  }

  /** Changes that move at most one voter, so that old and new majorities always overlap (thesis §4.1). */
  simple(changes: readonly ConfChangeSingle[]): Changed {
    const draft = this.draft();
    if (draft.outgoing.size > 0) throw new ConfChangeRefused('a joint configuration must be left first');
    const before = new Set(draft.incoming);
    this.apply(draft, changes);
    const moved = [...before, ...draft.incoming].filter((id) => !before.has(id) || !draft.incoming.has(id));
    if (moved.length > 1) {
      throw new ConfChangeRefused('more than one voter changes without joint consensus');
    }
    return finish(draft, false);
  }

  private draft(): Draft {
    const { config, progress } = this.tracker;
    const violated = violatedInvariant(config, progress);
    if (violated !== undefined) throw new ConfChangeRefused(violated);
    return {
      incoming: new Set(config.voters.incoming),
      outgoing: new Set(config.voters.outgoing),
      learners: new Set(config.learners),
      learnersNext: new Set(config.learnersNext),
      progress: new Map([...progress].map(([id, one]) => [id, one.shallowClone()])),
    };
  }

  private apply(draft: Draft, changes: readonly ConfChangeSingle[]): void {
    for (const { type, nodeId } of changes) {
      if (nodeId === 0) continue;
      switch (type) {
        case ConfChangeType.AddNode:
          this.makeVoter(draft, nodeId);
          break;
        case ConfChangeType.AddLearnerNode:
          this.makeLearner(draft, nodeId);
          break;
        case ConfChangeType.RemoveNode:
          remove(draft, nodeId);
          break;
        case ConfChangeType.UpdateNode:
          break;
        default:
          throw new ConfChangeRefused(`unknown kind of change ${String(type)}`);
      }
    }
    if (draft.incoming.size === 0) throw new ConfChangeRefused('no voter would be left');
  }

  private makeVoter(draft: Draft, id: number): void {
    const progress = draft.progress.get(id);
    draft.incoming.add(id);
    if (progress === undefined) {
      draft.progress.set(id, this.newcomer(false));
      return;
    }
    progress.isLearner = false;
    draft.learners.delete(id);
    draft.learnersNext.delete(id);
  }

  private makeLearner(draft: Draft, id: number): void {
    const progress = draft.progress.get(id);
    if (progress === undefined) {
      draft.learners.add(id);
      draft.progress.set(id, this.newcomer(true));
      return;
    }
    if (progress.isLearner) return;
    remove(draft, id);
    draft.progress.set(id, progress);
    if (draft.outgoing.has(id)) {
      // Still a voter there, and nobody is both: it waits until the outgoing half is gone.
      draft.learnersNext.add(id);
    } else {
      progress.isLearner = true;
      draft.learners.add(id);
    }
  }

  private newcomer(isLearner: boolean): Progress {
    return new Progress({
      match: 0,
      next: Math.max(this.lastIndex, 1),
      inflights: new Inflights(this.tracker.maxInflight, this.tracker.maxInflightBytes),
      isLearner,
      // It had no chance to speak yet: the next check of the quorum must not count it as silent.
      recentActive: true,
    });
  }
}

function remove(draft: Draft, id: number): void {
  if (!draft.progress.has(id)) return;
  draft.incoming.delete(id);
  draft.learners.delete(id);
  draft.learnersNext.delete(id);
  // A voter of the outgoing half still has a say, so its progress is still needed.
  if (!draft.outgoing.has(id)) draft.progress.delete(id);
}

function finish(draft: Draft, autoLeave: boolean): Changed {
  const sorted = (ids: Set<number>) => [...ids].sort((a, b) => a - b);
  const config: TrackerConfig = {
    voters: { incoming: sorted(draft.incoming), outgoing: sorted(draft.outgoing) },
    learners: sorted(draft.learners),
    learnersNext: sorted(draft.learnersNext),
    autoLeave: autoLeave && draft.outgoing.size > 0,
  };
  const violated = violatedInvariant(config, draft.progress);
  if (violated !== undefined) throw new ConfChangeRefused(violated);
  return { config, progress: draft.progress };
}
