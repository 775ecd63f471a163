import type { AegisCluster, AegisClusterStatus } from '@aegis/crds';
import type { Report } from '../report.js';

type SettingsStatus = AegisClusterStatus['settings'];

/** Whether every pod that is wanted runs what is wanted in the end. */
export function isInSync({ observed, settings, sharedInForce }: Report): boolean {
  if (observed === undefined || settings === undefined || sharedInForce === false) return false;
  const { size, places } = observed;
  const running = places.filter(({ ordinal, pod, current }) => ordinal < size && pod && current);
  return running.length === size && settings.target === settings.settings;
}

/** What the members run, where it comes from, and what they were healthy with last. */
export function settingsOf({ status }: AegisCluster, report: Report, inSync: boolean): SettingsStatus {
  const { settings, step } = report;
  const before = status?.settings;
  if (settings === undefined) return before;
  const { target, source } = settings;
  // While they are being changed, those before are what the cluster is known to run.
  if (before !== undefined && !inSync) return before;
  const healthy = step?.kind === 'done' ? target : before?.lastHealthy;
  return { effective: target, source, ...(healthy === undefined ? {} : { lastHealthy: healthy }) };
}
