import { isJoint, jointCommitted, jointVote } from '../quorum/joint.js';
import { VoteResult, type AckLookup } from '../quorum/majority.js';
import type { Progress } from './progress.js';
import { emptyConfig, type TrackerConfig } from './tracker-config.js';

export type ProgressMap = ReadonlyMap<number, Progress>;

/** The active configuration, what is known of each of its members, and the votes of a running election. */
export class Tracker implements AckLookup {
  readonly maxInflight: number;
  readonly maxInflightBytes: number;
  config: TrackerConfig = emptyConfig;
  /** Members, voters and learners. Invariant: every member of `config` has one. */
  progress: ProgressMap = new Map();
  /** Keys of `progress`, ascending: whatever is sent to all is sent in this order. */
  ids: readonly number[] = [];
  votes = new Map<number, boolean>();

  constructor(maxInflight: number, maxInflightBytes: number) {
    this.maxInflight = maxInflight;
    this.maxInflightBytes = maxInflightBytes;
  }

  switchTo(config: TrackerConfig, progress: ProgressMap): void {
    this.config = config;
    this.progress = progress;
    this.ids = [...progress.keys()].sort((a, b) => a - b);
  }

  /** Exactly one voter, and no joint configuration. */
  isSingleton(): boolean {
    return this.config.voters.incoming.length === 1 && !isJoint(this.config.voters);
  }

  acked(id: number): number | undefined {
    return this.progress.get(id)?.match;
  }

  /** Highest index that the voters' quorum is known to hold. */
  committed(): number {
    return jointCommitted(this.config.voters, this);
  }

  /** Whether a quorum of voters spoke since the last check. */
  quorumActive(): boolean {
    const active = new Map<number, boolean>();
    for (const [id, progress] of this.progress) {
      if (!progress.isLearner) active.set(id, progress.recentActive);
    }
    return jointVote(this.config.voters, active) === VoteResult.Won;
  }

  resetVotes(): void {
    this.votes = new Map();
  }

  /** The first vote of a member counts; a repeated message changes nothing. */
  recordVote(id: number, granted: boolean): void {
    if (!this.votes.has(id)) this.votes.set(id, granted);
  }

  voteResult(): VoteResult {
    return jointVote(this.config.voters, this.votes);
  }
}
