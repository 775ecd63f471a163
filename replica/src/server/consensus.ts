import type { ConsensusSettings } from '../settings/index.js';
import { type Config, type Entry, type Storage } from '../raft/index.js';
import type { DriverSettings } from './driver/parts.js';
import { HOUSEKEEPING } from './housekeeping.js';
import type { Logger } from './logger.js';

/** Finer ticks than heartbeats, so that randomised election timeouts spread. */
const TICKS_PER_HEARTBEAT = 5;
const TICK_MS_MIN = 5;
/** Proposals beyond this many uncommitted bytes are dropped, and tried again. */
const UNCOMMITTED_BYTES_MAX = 256 * 1024 * 1024;
const REQUEST_TIMEOUT_MS_MIN = 5000;

export function tickMs(settings: ConsensusSettings): number {
  return Math.max(TICK_MS_MIN, Math.floor(settings.heartbeatIntervalMs / TICKS_PER_HEARTBEAT));
}

/** What an entry counts for in windows and batches: its payload and about what its frame adds. */
export function entrySize(entry: Entry): number {
  return entry.data.length + 24;
}

export function coreConfig(
  id: number,
  settings: ConsensusSettings,
  storage: Storage,
  applied: number,
  randomInt: (n: number) => number,
  logger: Logger,
): Config {
  const tick = tickMs(settings);
  return {
    id,
    storage,
    applied,
    entrySize,
    randomInt,
    electionTick: Math.ceil(settings.electionTimeoutMs / tick),
    heartbeatTick: Math.max(1, Math.round(settings.heartbeatIntervalMs / tick)),
    asyncStorageWrites: true,
    maxSizePerMsg: settings.maxBatchBytes,
    maxCommittedSizePerReady: 4 * settings.maxBatchBytes,
    maxUncommittedEntriesSize: UNCOMMITTED_BYTES_MAX,
    maxInflightMsgs: settings.maxInflightMessages,
    maxInflightBytes: settings.maxInflightBytes,
    checkQuorum: true,
    preVote: true,
    disableProposalForwarding: true,
    stepDownOnRemoval: true,
    logger: {
      debug: (text) => logger.debug(text),
      info: (text) => logger.info(text),
      warning: (text) => logger.warn(text),
      error: (text) => logger.error(text),
    },
  };
}

export function driverSettings(settings: ConsensusSettings, { compactMs } = HOUSEKEEPING): DriverSettings {
  return {
    tickMs: tickMs(settings),
    electionTimeoutMs: settings.electionTimeoutMs,
    requestTimeoutMs: Math.max(REQUEST_TIMEOUT_MS_MIN, 5 * settings.electionTimeoutMs),
    pendingCommandsMax: 100_000,
    pendingBytesMax: UNCOMMITTED_BYTES_MAX,
    batchCommandsMax: 1000,
    batchBytesMax: 2 * 1024 * 1024,
    batchDelayMs: settings.maxBatchDelayMs,
    leaseExpiryPerTick: settings.leaseExpiryPerTick,
    leaseMinTtlMs: settings.leaseMinTtlMs,
    leaseMaxTtlMs: settings.leaseMaxTtlMs,
    kvQuotaBytes: settings.kvQuotaBytes,
    compactMs,
    compaction: {
      thresholdEntries: settings.snapshotThresholdEntries,
      retentionEntries: settings.logRetentionEntries,
    },
  };
}
