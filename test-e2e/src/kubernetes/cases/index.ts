import { forgedPhasesAreRefused } from './agent/forged.js';
import { agentRightsAreTheList } from './agent/rights.js';
import { apiServerIsKilled, apiServerIsSlow } from './api-server-faults.js';
import type { Case } from './case.js';
import { replicasBecomeACluster } from './cluster.js';
import { columnsSay, definitionsAreAccepted, rulesAnswer } from './definitions.js';
import { networkPoliciesBlock } from './network-policy.js';
import { nodeIsDrained } from './nodes.js';
import { privilegedPodsAreRefused, restrictedPodsRun } from './restricted-pods.js';
import { volumesKeepAndGrow } from './volumes.js';

/** In the order in which they run: the definitions are there for all that come after. */
export const CASES: readonly Case[] = [
  definitionsAreAccepted,
  rulesAnswer,
  columnsSay,
  agentRightsAreTheList,
  forgedPhasesAreRefused,
  privilegedPodsAreRefused,
  restrictedPodsRun,
  networkPoliciesBlock,
  volumesKeepAndGrow,
  replicasBecomeACluster,
  nodeIsDrained,
  apiServerIsKilled,
  apiServerIsSlow,
];
