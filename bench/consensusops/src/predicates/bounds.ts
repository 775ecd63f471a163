/**
 * The bounds of the predicates, with their reasons. They are frozen: whoever changes one makes other labels, and records every set anew.
 * None of them was chosen by looking at a metric, and no classifier may be given them.
 */
export const BOUNDS = {
  /**
   * Terms in 30 s that nobody asked for. One is a failover; a second can be its own split vote. From three on no leader lasts for ten times
   * the default election timeout (1 s), within which Raft expects hardly any change.
   */
  stormTerms: 3,
  stormWindowMs: 30_000,
  /**
   * How long a member that runs is without the leader that most follow, or most are without any in one and the same term. A failover
   * takes at most two election timeouts until it is noticed and one to vote: 3 s by default. Five is more than any that goes well.
   */
  apartMs: 5_000,
  /**
   * How far a follower's state is behind what most have applied: by two heartbeats at the default of 100 ms, so that it has been told twice of
   * what it does not have yet. A sound one is behind by a round trip and a sync, some milliseconds.
   */
  behindMs: 200,
  /** For how long. A restart with its catching up takes two seconds. */
  behindForMs: 5_000,
  /** The part of clients that lost a lease for which they never stopped asking. One in twenty is nobody's own fault any more. */
  leasesLostShare: 0.05,
  /** A sync so much longer: four times the 10 ms that etcd's documentation asks of the 99th percentile. */
  syncSlowMs: 40,
  syncSlowForMs: 5_000,
  /** No sync returns: an election timeout by default, and what ZooKeeper warns of. */
  syncStalledMs: 1_000,
  diskFullForMs: 5_000,
  /** Callers, against those before: what is sized for a load with the usual reserve carries twice of it. */
  demandClients: 3,
  /** Bytes in hand at once, against before. Values differ more than the number of clients does. */
  demandBytes: 10,
  demandForMs: 5_000,
  /** A second is late if the slowest twentieth of its calls took so many times what it took before … */
  lateTimes: 3,
  /** … and at least so long: below it nobody notices. */
  lateMs: 50,
  /** … or if so many of its calls failed. */
  failedShare: 0.2,
  lateForMs: 3_000,
  /** A process that exists or should exist, and does not answer its status. */
  silentMs: 2_000,
  /** Nobody leads a majority: the default election timeout and half of it. */
  leaderlessMs: 1_500,
} as const;

/** A case is left out if its classes change when all bounds are taken this much smaller or larger. */
export const MARGIN = 0.2;
