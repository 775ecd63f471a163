import { assert } from '../assert.js';
import { Inflights } from './inflights.js';

export const ProgressState = {
  /** The follower's last index is unknown: one append at a time feels for it. */
  Probe: 0,
  /** The logs match: appends are pipelined. */
  Replicate: 1,
  /** A snapshot is on its way: no appends. */
  Snapshot: 2,
} as const;
export type ProgressState = (typeof ProgressState)[keyof typeof ProgressState];

/** One follower as its leader sees it. */
export class Progress {
  /** The follower's log equals the leader's up to here. Invariant: 0 <= match < next. */
  match: number;
  /** Next entry to send; those in (match, next) are in flight. In Snapshot: pendingSnapshot + 1. */
  next: number;
  /** Highest commit index sent; falls when what carried it was probably lost. Invariant in Snapshot: next - 1. */
  sentCommit = 0;
  state: ProgressState = ProgressState.Probe;
  /** Index of the snapshot on its way; 0 outside Snapshot. */
  pendingSnapshot = 0;
  /** It spoke since the last check of the quorum. Always true for the leader itself. */
  recentActive: boolean;
  /** Wait for an answer to a heartbeat before the next append: after a probe, or when the window filled. */
  appendPaused = false;
  inflights: Inflights;
  isLearner: boolean;

  constructor(fields: {
    match: number;
    next: number;
    inflights: Inflights;
    isLearner: boolean;
    recentActive: boolean;
  }) {
    this.match = fields.match;
    this.next = fields.next;
    this.inflights = fields.inflights;
    this.isLearner = fields.isLearner;
    this.recentActive = fields.recentActive;
  }

  /** As new, at the start of a term: nothing is known of the follower but its role. */
  restart(match: number, next: number): void {
    this.match = match;
    this.next = next;
    this.sentCommit = 0;
    this.state = ProgressState.Probe;
    this.pendingSnapshot = 0;
    this.recentActive = false;
    this.appendPaused = false;
    this.inflights = new Inflights(this.inflights.size, this.inflights.maxBytes);
  }

  private enter(state: ProgressState): void {
    this.appendPaused = false;
    this.pendingSnapshot = 0;
    this.state = state;
    this.inflights.reset();
  }

  /** After a snapshot that is believed to have arrived, probing goes on from it. */
  becomeProbe(): void {
    const pending = this.state === ProgressState.Snapshot ? this.pendingSnapshot : 0;
    this.enter(ProgressState.Probe);
    this.next = Math.max(this.match, pending) + 1;
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
  }

  becomeReplicate(): void {
    this.enter(ProgressState.Replicate);
    this.next = this.match + 1;
  }

  becomeSnapshot(index: number): void {
    this.enter(ProgressState.Snapshot);
    this.pendingSnapshot = index;
    this.next = index + 1;
    this.sentCommit = index;
  }

  /** Notes an append of `count` entries from `next` on. */
  sentEntries(count: number, bytes: number): void {
    assert(this.state !== ProgressState.Snapshot, 'an append was sent while a snapshot is on its way');
    if (this.state === ProgressState.Replicate) {
      if (count > 0) {
        this.next += count;
        this.inflights.add(this.next - 1, bytes);
      }
      this.appendPaused = this.inflights.full();
    } else if (count > 0) {
      this.appendPaused = true;
    }
  }

  /** Whether telling commit `index` now could move the follower's commit. */
  canBumpCommit(index: number): boolean {
    return index > this.sentCommit && this.sentCommit < this.next - 1;
  }

  /** An acknowledgement up to `index`; false when it says nothing new. */
  maybeUpdate(index: number): boolean {
    if (index <= this.match) return false;
    this.match = index;
    this.next = Math.max(this.next, index + 1);
    this.appendPaused = false;
    return true;
  }

  /** A refusal of the append after `rejected`; `hint` is where the logs may match. False when it is out of date. */
  maybeDecrease(rejected: number, hint: number): boolean {
    if (this.state === ProgressState.Replicate) {
      if (rejected <= this.match) return false;
      this.next = this.match + 1;
    } else {
      // Only one probe is under way, the one just before next.
      if (this.next - 1 !== rejected) return false;
      this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1);
      this.appendPaused = false;
    }
    this.sentCommit = Math.min(this.sentCommit, this.next - 1);
    return true;
  }

  isPaused(): boolean {
    return this.state === ProgressState.Snapshot || this.appendPaused;
  }

  /** A copy; the window is shared, as both describe the same messages. */
  shallowClone(): Progress {
    const copy = new Progress(this);
    copy.sentCommit = this.sentCommit;
    copy.state = this.state;
    copy.pendingSnapshot = this.pendingSnapshot;
    copy.appendPaused = this.appendPaused;
    return copy;
  }

  clone(): Progress {
    const copy = this.shallowClone();
    copy.inflights = this.inflights.clone();
    return copy;
  }
}
