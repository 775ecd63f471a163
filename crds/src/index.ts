/** The resources of AEGIS: what the operator, the agent and the charts know of them. */
export { envelopeRules, type SettingsInCel } from './cel/envelope.js';
export { aegisCluster, CLUSTER_NAME_MAX, type AegisCluster } from './cluster/kind.js';
export { CLUSTER_SIZES, type AegisClusterSpec } from './cluster/spec.js';
export { CLUSTER_CONDITIONS, type AegisClusterStatus } from './cluster/status.js';
export { definitionOf, KINDS } from './definition.js';
export {
  incident,
  INCIDENT_CLASSES,
  INCIDENT_CONDITIONS,
  type Incident,
  type IncidentSpec,
  type IncidentStatus,
} from './incident/kind.js';
export {
  aegisLease,
  HOLDERS_SHOWN_MAX,
  LEASE_CONDITIONS,
  LOCK_MODES,
  type AegisLease,
  type AegisLeaseSpec,
  type AegisLeaseStatus,
} from './lease/kind.js';
export { tuningRecommendation, type TuningRecommendation } from './recommendation/kind.js';
export { FINAL_PHASES, RECOMMENDATION_PHASES, type RecommendationPhase } from './recommendation/phases.js';
export { QUESTION_CHARACTERS_MAX, type TuningRecommendationSpec } from './recommendation/spec.js';
export { RECOMMENDATION_CONDITIONS, type TuningRecommendationStatus } from './recommendation/status.js';
export type { Condition } from './schema/conditions.js';
export {
  API_VERSION,
  GROUP,
  VERSION,
  type Kind,
  type ObjectMeta,
  type OwnerReference,
  type Resource,
} from './schema/kind.js';
export { renderYaml, yamlName } from './write/yaml.js';
export type { Json, OpenApi } from './schema/open-api.js';
