import { SETTING_NAMES, type SettingName } from './fields.js';

/**
 * Settings that are tuned together: each bears on the others, and one observation is enough to judge a change of them. A patch of the
 * agent changes one family; a second one at the same time would make it impossible to say which of the two helped.
 */
export const FAMILIES = {
  /** The shortest lease is among them because it must outlive an election. */
  timing: ['heartbeatIntervalMs', 'electionTimeoutMs', 'leaseMinTtlMs'],
  flow: ['maxInflightMessages', 'maxInflightBytes', 'maxBatchBytes', 'maxBatchDelayMs'],
  snapshots: ['snapshotThresholdEntries', 'logRetentionEntries', 'snapshotBytesPerSecond'],
  leases: ['leaseMaxTtlMs', 'leaseExpiryPerTick'],
  quota: ['kvQuotaBytes'],
  alerts: ['clockOffsetAlertMs'],
} as const satisfies Readonly<Record<string, readonly SettingName[]>>;

export type Family = keyof typeof FAMILIES;
export const FAMILY_NAMES = Object.keys(FAMILIES) as readonly Family[];

export function familyOf(name: SettingName): Family {
  const family = FAMILY_NAMES.find((each) => (FAMILIES[each] as readonly SettingName[]).includes(name));
  if (family === undefined) throw new Error(`the setting ${name} belongs to no family: add it to FAMILIES`);
  return family;
}

/** The families that a patch touches, each once, in the order of the settings. */
export function familiesOf(patch: Readonly<Partial<Record<SettingName, number>>>): readonly Family[] {
  return [...new Set(SETTING_NAMES.filter((name) => patch[name] !== undefined).map(familyOf))];
}
