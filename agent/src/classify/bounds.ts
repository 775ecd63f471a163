/**
 * Where the classifier draws its lines. Each says why it is there; those marked "searched" were chosen among a few values on the
 * development set of ConsensusOps-Bench, as those of every other method were (bench/consensusops/src/methods).
 */
export interface Bounds {
  /** Medians are taken over so long, so that one late scrape or sync is nothing. Five times the shortest usual scrape. */
  readonly smoothMs: number;
  /** What is slow has to be seen for so long: shorter than an election and its retries nobody notices. */
  readonly sustainedMs: number;

  /** Seconds. etcd asks for a 99th percentile of 10 ms; a median above twice that is no busy disk any more. */
  readonly slowSyncSeconds: number;
  /** Times the usual median of all replicas: disks that are slow by nature are slow everywhere. */
  readonly slowSyncTimes: number;
  /** Above this no disk is well, whatever is usual. */
  readonly slowSyncAlwaysSeconds: number;
  /** A bound of the histogram: a sync that took longer than the one below it (1 s), as long as an election timeout. */
  readonly stalledSyncSeconds: number;
  /** A disk of which nothing returned for so long, while the others' did. */
  readonly stalledSyncMs: number;

  /** Half of an election timeout (1 s): heartbeats that were due did not leave. */
  readonly stillSeconds: number;
  /** From here on the process stood, not only its loop: work that takes a loop for so long is not seen in the wild. Seconds. */
  readonly pausedSeconds: number;
  /** A scrape and all probes of its peers without an answer: what stalls for longer than a scrape waits is seen by this alone. */
  readonly silentMs: number;
  /** Seconds. The sampler of the loop looks every 10 ms, so that 10 to 13 ms are a loop at rest. */
  readonly slowLoopSeconds: number;
  /** Share of the time. A replica at work has 0.01 to 0.04; under heavy load more, which load then explains. */
  readonly garbageShare: number;
  /** Less of a processor than this share of what it used before is little. */
  readonly littleCpuTimes: number;

  /** Answered probes a second, of one that is sent: of a scrape that is far from the next, the edges may have had some. */
  readonly cutPerSecond: number;
  /** Probes go once a second; three in a row are no chance, where hardly any is lost otherwise. */
  readonly cutMs: number;
  /** Where probes are lost by chance: a run of which fewer than so many may be expected in a whole window is none. */
  readonly cutChance: number;
  /** Seconds. Four tenths of the heartbeat interval (100 ms); a loaded machine was seen to take 20 ms. */
  readonly slowLinkSeconds: number;
  readonly slowLinkTimes: number;
  /** Answered probes, of those that were sent, over `lossOverMs`. A sound network loses none. */
  readonly answeredShare: number;
  readonly lossOverMs: number;
  /** Half of clockOffsetAlertMs (500 ms): round trips blur what is smaller. Seconds. */
  readonly clockOffSeconds: number;

  /** Times what was usual. Loads that double are a busy hour. */
  readonly moreTimes: number;
  /** Less than this share of what was answered before, while more is asked, is crowded out. */
  readonly lessTimes: number;
  /** A second, in absolute terms, below which no load matters. */
  readonly moreAskedPerSecond: number;
  readonly moreStreamsPerSecond: number;
  readonly moreLeases: number;
  readonly moreWatches: number;
  /** Bytes a command, on average. */
  readonly largeValueBytes: number;
  readonly lockQueue: number;
  readonly pending: number;

  /** Seconds since most had applied what a follower has not: more than two heartbeats (100 ms) and a sync. */
  readonly behindSeconds: number;
  /** And more than this share of the time between two scrapes. */
  readonly behindSteps: number;
  /** Entries, so that an idle cluster has no slow followers. */
  readonly behindEntries: number;
  /** Without a break: one that was started anew, or stood still for a moment, has caught up by then. */
  readonly behindMs: number;
  /** So many snapshots: one is how a follower comes back. */
  readonly snapshots: number;
  /** Seconds of the cluster's writes that a log should hold. */
  readonly shortLogSeconds: number;

  /** New terms within `electionsOverMs`. One is how a leader is replaced, a second may be a split vote. */
  readonly elections: number;
  readonly electionsOverMs: number;
  /** Of an election timeout: writes that are missing for less, over a change of the term, were handed over. A leader that is lost is missed for one or two. */
  readonly handoverTimes: number;
  /** Entries a second, below which nothing is told by what is missing. */
  readonly handoverPerSecond: number;
  /** Without a leader, or apart: some election timeouts (1 s), because an election that goes well, with a split vote before it, takes less. */
  readonly apartMs: number;
  /** Nothing committed for twice an election timeout. */
  readonly haltMs: number;
  /** Leases that ended, of those that lived, within `expiriesOverMs`. */
  readonly expiriesShare: number;
  readonly expiries: number;
  readonly expiriesOverMs: number;
}

export const BOUNDS: Bounds = {
  smoothMs: 5_000,
  sustainedMs: 4_000,
  slowSyncSeconds: 0.02,
  slowSyncTimes: 5,
  slowSyncAlwaysSeconds: 0.15,
  stalledSyncSeconds: 2.5,
  stalledSyncMs: 2_000,
  stillSeconds: 0.5,
  pausedSeconds: 3,
  silentMs: 500,
  slowLoopSeconds: 0.015,
  garbageShare: 0.1,
  littleCpuTimes: 0.7,
  cutPerSecond: 0.2,
  cutMs: 3_000,
  cutChance: 0.05,
  slowLinkSeconds: 0.04,
  slowLinkTimes: 4,
  answeredShare: 0.93,
  lossOverMs: 20_000,
  clockOffSeconds: 0.25,
  moreTimes: 2.5,
  lessTimes: 0.7,
  moreAskedPerSecond: 500,
  moreStreamsPerSecond: 10,
  moreLeases: 500,
  moreWatches: 200,
  largeValueBytes: 16_384,
  lockQueue: 50,
  pending: 200,
  behindSeconds: 0.25,
  behindSteps: 0.1,
  behindEntries: 20,
  behindMs: 4_500,
  snapshots: 2,
  shortLogSeconds: 10,
  elections: 3,
  electionsOverMs: 60_000,
  handoverTimes: 0.5,
  handoverPerSecond: 20,
  apartMs: 4_500,
  haltMs: 2_000,
  expiriesShare: 0.05,
  expiries: 5,
  expiriesOverMs: 30_000,
};
