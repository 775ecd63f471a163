import type { Profile } from './profile.js';

export type SettingUnit = 'milliseconds' | 'messages' | 'bytes' | 'entries' | 'bytes per second' | 'leases';

/** One tunable: a whole number. */
export interface SettingField {
  readonly unit: SettingUnit;
  /** For the reference page and the CRD. */
  readonly doc: string;
  readonly min: number;
  readonly max: number;
  readonly defaults: Readonly<Record<Profile, number>>;
  /**
   * `member`: each replica reads its own, so a roll mixes old and new. `replicated`: `apply` can see it, so it changes by one
   * logged command and is never read from a file by `apply`.
   */
  readonly scope: 'member' | 'replicated';
}

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

function always(value: number): Readonly<Record<Profile, number>> {
  return { locks: value, kv: value, all: value };
}

/**
 * Everything of `spec.consensus`. What is not here cannot be tuned: fsync, pre-vote, check-quorum, quorum size,
 * membership, lease reads and storage paths have no place in the schema at all.
 */
export const FIELDS = {
  heartbeatIntervalMs: {
    unit: 'milliseconds',
    doc: 'How often the leader tells its followers that it is alive.',
    min: 10,
    max: 10 * SECOND,
    defaults: always(100),
    scope: 'member',
  },
  electionTimeoutMs: {
    unit: 'milliseconds',
    doc: 'How long a follower waits without hearing from a leader before it seeks election; drawn from once to twice this.',
    min: 50,
    max: 50 * SECOND,
    defaults: always(1000),
    scope: 'member',
  },
  maxInflightMessages: {
    unit: 'messages',
    doc: 'Append messages to one follower that may be unanswered.',
    min: 1,
    max: 4096,
    defaults: always(256),
    scope: 'member',
  },
  maxInflightBytes: {
    unit: 'bytes',
    doc: 'Bytes of entries to one follower that may be unanswered.',
    min: 64 * KIB,
    max: 256 * MIB,
    defaults: { locks: 16 * MIB, kv: 32 * MIB, all: 32 * MIB },
    scope: 'member',
  },
  maxBatchBytes: {
    unit: 'bytes',
    doc: 'Bytes of entries that one append message and one disk write gather at most.',
    min: 16 * KIB,
    max: 8 * MIB,
    defaults: { locks: 256 * KIB, kv: MIB, all: MIB },
    scope: 'member',
  },
  maxBatchDelayMs: {
    unit: 'milliseconds',
    doc: 'How long a replica lets commands wait for others to share a log entry with; a full batch leaves at once. 0 means not at all.',
    min: 0,
    max: 100,
    defaults: always(0),
    scope: 'member',
  },
  snapshotThresholdEntries: {
    unit: 'entries',
    doc: 'Applied entries between two compactions of the log.',
    min: 100,
    max: 10_000_000,
    defaults: { locks: 50_000, kv: 20_000, all: 20_000 },
    scope: 'member',
  },
  logRetentionEntries: {
    unit: 'entries',
    doc: 'Applied entries that a compaction keeps, so that a follower this far behind needs no snapshot.',
    min: 100,
    max: 20_000_000,
    defaults: { locks: 100_000, kv: 50_000, all: 50_000 },
    scope: 'member',
  },
  snapshotBytesPerSecond: {
    unit: 'bytes per second',
    doc: 'How fast a snapshot may be sent to one follower.',
    min: MIB,
    max: 4 * GIB,
    defaults: always(64 * MIB),
    scope: 'member',
  },
  leaseMinTtlMs: {
    unit: 'milliseconds',
    doc: 'A lease asked for with less is refused.',
    min: 100,
    max: HOUR,
    defaults: { locks: 2 * SECOND, kv: 5 * SECOND, all: 2 * SECOND },
    scope: 'replicated',
  },
  leaseMaxTtlMs: {
    unit: 'milliseconds',
    doc: 'A lease asked for with more is refused.',
    min: SECOND,
    max: 30 * DAY,
    defaults: { locks: HOUR, kv: DAY, all: DAY },
    scope: 'replicated',
  },
  leaseExpiryPerTick: {
    unit: 'leases',
    doc: 'Leases that one expiry command removes at most; the rest follow with the next.',
    min: 1,
    max: 100_000,
    defaults: always(1000),
    scope: 'replicated',
  },
  kvQuotaBytes: {
    unit: 'bytes',
    doc: 'What the keys and their history may hold; a put beyond it is refused.',
    min: MIB,
    max: 16 * GIB,
    defaults: always(2 * GIB),
    scope: 'replicated',
  },
  clockOffsetAlertMs: {
    unit: 'milliseconds',
    doc: "Difference between two replicas' clocks that raises an alert. It decides nothing.",
    min: 1,
    max: 60 * SECOND,
    defaults: always(500),
    scope: 'member',
  },
} as const satisfies Readonly<Record<string, SettingField>>;

export type SettingName = keyof typeof FIELDS;
export const SETTING_NAMES = Object.keys(FIELDS) as readonly SettingName[];

/** All tunables, each a whole number within the bounds of its field. */
export type ConsensusSettings = { readonly [Name in SettingName]: number };

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(FIELDS, name);
}
