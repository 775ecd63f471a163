import type { Settings } from './config.js';
import { RaftLog } from './log.js';
import type { Logger } from './logger.js';
import type { Message } from './message.js';
import { ReadOnly } from './read-only.js';
import { Tracker } from './tracker/tracker.js';
import type { Progress } from './tracker/progress.js';
import { NONE, StateType, type ReadState } from './types.js';

/**
 * One replica's whole volatile state. It has no behaviour of its own: each concern (election, replication, reads, …)
 * lives in a file of functions over it, and `step` and `tick` lead into them.
 */
export class Core {
  readonly id: number;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly log: RaftLog;
  tracker: Tracker;

  /** Newest term seen. Never falls. */
  term = 0;
  /** Whom this replica voted for in `term`; NONE if nobody. Changes at most once a term. */
  vote = NONE;
  state: StateType = StateType.Follower;
  /** Leader of `term` as far as known. */
  lead = NONE;
  /** As learner this replica neither campaigns nor counts. */
  isLearner = false;

  /** To other replicas, free to leave at once. */
  messages: Message[] = [];
  /**
   * Votes and acknowledgements, own ones included: each may leave only when everything that was unstable as it was
   * made is on disk (thesis §3.8).
   */
  messagesAfterAppend: Message[] = [];
  /** Reads that may be answered once their index is applied. */
  readStates: ReadState[] = [];

  /** Leader only: whom leadership is being handed to; proposals are dropped meanwhile (thesis §3.10). */
  leadTransferee = NONE;
  /**
   * Leader only: no membership change lies in the unapplied log above this index. One may be proposed only when it is
   * applied, so that at most one is under way.
   */
  pendingConfIndex = 0;
  /** Leader only: payload bytes proposed and not yet applied; may be too low after a change of term, never too high. */
  uncommittedSize = 0;
  readOnly: ReadOnly;
  /** Leader only: reads that came before this term's first commit, when the commit index is not yet known to be right. */
  earlyReads: Message[] = [];

  /** Ticks since a follower heard from its leader, a candidate began, a leader checked its quorum. */
  electionElapsed = 0;
  /** Leader only: ticks since the last heartbeat. */
  heartbeatElapsed = 0;
  /** In [electionTick, 2 × electionTick), drawn anew whenever the role or term changes, so that votes rarely split. */
  randomizedElectionTimeout = 0;

  constructor(settings: Settings) {
    this.id = settings.id;
    this.settings = settings;
    this.logger = settings.logger;
    this.log = new RaftLog(
      settings.storage,
      settings.logger,
      settings.entrySize,
      settings.maxCommittedSizePerReady,
    );
    this.tracker = new Tracker(settings.maxInflightMsgs, settings.maxInflightBytes);
    this.readOnly = new ReadOnly(settings.readOnlyOption);
  }

  /** Progress of a member; undefined for one that the active configuration does not know. */
  progress(id: number): Progress | undefined {
    return this.tracker.progress.get(id);
  }
}
