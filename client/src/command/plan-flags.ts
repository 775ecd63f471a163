import { MAX_REPLICAS, type UpRequest } from '../supervisor/plan.js';
import { parseWhole } from './parse.js';

/** Flags that say what a new cluster is like. */
export interface PlanFlags {
  readonly profile?: string;
  readonly replicas?: string;
  readonly basePort?: string;
  readonly insecure?: boolean;
}

/** Throws UsageError naming the flag. */
export function planFlags({ profile, replicas, basePort, insecure }: PlanFlags): UpRequest {
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(replicas === undefined ? {} : { replicas: parseWhole('--replicas', replicas, 1, MAX_REPLICAS) }),
    ...(basePort === undefined ? {} : { basePort: parseWhole('--base-port', basePort, 1_024, 65_533) }),
    ...(insecure === undefined ? {} : { insecure }),
  };
}
