/** Config only by merge (docs/config-source.md). Begin at `ConfigSources.decide`. */
export {
  ConfigSources,
  type AppliedByMerge,
  type ConfigDecision,
  type ConfigQuestion,
  type ConfigSource,
  type ConfigSourcesOptions,
} from './config-sources.js';
export type { ClusterFacts, Provenance, VerifiedSettings, Verdict } from './judge.js';
export { REASONS, type HoldCondition, type Reason } from './reasons.js';
