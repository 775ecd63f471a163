import { forgedPhasesAreRefused } from './agent/forged.js';
import { agentHasNoHands } from './agent/hands.js';
import { loopIsClosed } from './agent/loop.js';
import { networkReachesMetricsAlone } from './agent/network.js';
import { agentRightsAreTheList } from './agent/rights.js';
import { agentWatches } from './agent/watches.js';
import { apiServerIsKilled, apiServerIsSlow } from './api-server-faults.js';
import type { Case } from './case.js';
import { authorityIsReplaced } from './changes/certificates.js';
import { operatorIsKilledInEveryChange } from './changes/killed-operator.js';
import { settingIsTakenBack } from './changes/roll-back.js';
import { badRollStops, leaseSettingIsLive, memberSettingRolls } from './changes/settings.js';
import { lostVolumeIsReplaced, sizeChangesUnderLoad } from './changes/sizes.js';
import { settingsByMerge } from './config/by-merge.js';
import { pluginAnswers } from './clusters/plugin.js';
import { sampleBecomesACluster } from './clusters/sample.js';
import { strangersAreRefused } from './clusters/strangers.js';
import { columnsSay, definitionsAreAccepted, rulesAnswer } from './definitions.js';
import {
  apiServerAwayAMinute,
  deletedMidRoll,
  missingImageStops,
  namespaceGoesWithoutOperator,
  sameNameTwice,
  unboundVolumeIsSaid,
} from './faults/bad-input.js';
import { rubbishAuthorityIsSaid, rubbishSecretIsSaid } from './faults/bad-secrets.js';
import { leaderNodeIsDrained, leaderPodIsKilled } from './faults/leader-gone.js';
import { operatorAtRest } from './figures/at-rest.js';
import { networkPoliciesBlock } from './network-policy.js';
import { nodeIsDrained } from './nodes.js';
import { clusterChartTests } from './release/cluster-chart.js';
import { releaseLivesOn } from './release/life-cycle.js';
import { privilegedPodsAreRefused, restrictedPodsRun } from './restricted-pods.js';
import { backupBecomesACluster } from './state/backups.js';
import { declaredLocksAreMirrored } from './state/declared-locks.js';
import { volumesKeepAndGrow } from './volumes.js';

/**
 * In the order in which they run: first the Kubernetes that is tested on, then what the operator makes of it; of those beside each
 * other the longest first.
 */
export const CASES: readonly Case[] = [
  sampleBecomesACluster,
  definitionsAreAccepted,
  rulesAnswer,
  columnsSay,
  agentRightsAreTheList,
  forgedPhasesAreRefused,
  privilegedPodsAreRefused,
  restrictedPodsRun,
  networkPoliciesBlock,
  volumesKeepAndGrow,
  nodeIsDrained,
  networkReachesMetricsAlone,
  strangersAreRefused,
  clusterChartTests,
  leaderPodIsKilled,
  leaderNodeIsDrained,
  memberSettingRolls,
  leaseSettingIsLive,
  badRollStops,
  backupBecomesACluster,
  settingsByMerge,
  authorityIsReplaced,
  settingIsTakenBack,
  agentWatches,
  loopIsClosed,
  agentHasNoHands,
  operatorIsKilledInEveryChange,
  sizeChangesUnderLoad,
  lostVolumeIsReplaced,
  deletedMidRoll,
  missingImageStops,
  rubbishSecretIsSaid,
  pluginAnswers,
  rubbishAuthorityIsSaid,
  declaredLocksAreMirrored,
  sameNameTwice,
  unboundVolumeIsSaid,
  namespaceGoesWithoutOperator,
  operatorAtRest,
  releaseLivesOn,
  apiServerIsKilled,
  apiServerIsSlow,
  apiServerAwayAMinute,
];
