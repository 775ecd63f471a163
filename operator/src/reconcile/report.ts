import type { AegisClusterStatus } from '@aegis/crds';
import type { CertificatesSeen } from '../certificates/index.js';
import { ApiError } from '../kube/errors.js';
import type { Observed } from '../members/observed.js';
import type { Step } from '../members/step.js';
import type { PodSeen } from '../observe/look.js';
import type { LeaderSeen } from '../observe/membership.js';
import type { SettingsPlan } from './settings/plan.js';
import type { Outcome } from './steps/move.js';
import { Trouble } from './trouble.js';

/** What one look at a cluster has found and done: filled in as it goes on, so that the status is right however it ends. */
export interface Report {
  clusterId?: string;
  certificates?: CertificatesSeen;
  pods?: readonly PodSeen[];
  leader?: LeaderSeen | undefined;
  observed?: Observed;
  settings?: SettingsPlan;
  /** Whether the settings that belong to the whole cluster are those that are wanted; undefined: not looked at. */
  sharedInForce?: boolean;
  step?: Step;
  outcome?: Outcome | undefined;
  lastBackup?: AegisClusterStatus['lastBackup'] | undefined;
  /** What stands in the way, the weightiest first. */
  troubles: Trouble[];
  /** Other reasons to look again, in milliseconds. */
  again: number[];
}

/** Work that may fail by itself: its trouble is told, and the rest goes on. What the API server refuses for good is such a trouble, too. */
export async function tolerate(report: Report, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Trouble) report.troubles.push(error);
    else if (error instanceof ApiError && error.code >= 400 && error.code < 500 && error.code !== 409)
      report.troubles.push(new Trouble('ApiRefused', error.message));
    else throw error;
  }
}
