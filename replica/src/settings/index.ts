export {
  changedBy,
  DWELL_MS,
  patched,
  rollbackOf,
  sameSettings,
  type Change,
  type Pace,
  type Patch,
} from './change.js';
export { unknownName } from './closest-name.js';
export { kindOf, readConsensusFields } from './consensus-fields.js';
export {
  parseSettingsDocument,
  SETTINGS_API_VERSION,
  SETTINGS_KIND,
  type SettingsDocument,
} from './document.js';
export { checkEnvelope, type EnvelopeContext, type Finding, type Verdict } from './envelope.js';
export { SettingsError, type SettingsProblem } from './errors.js';
export { FAMILIES, FAMILY_NAMES, familiesOf, familyOf, type Family } from './families.js';
export {
  FIELDS,
  SETTING_NAMES,
  type ConsensusSettings,
  type SettingField,
  type SettingName,
} from './fields.js';
export { DEFAULT_PROFILE, isProfile, PROFILES, type Profile } from './profile.js';
export { OBSERVATIONS, type ObservationName, type Observations } from './observations.js';
export {
  checkObserved,
  checkPace,
  judgeMerge,
  judgeProposal,
  type ChangeVerdict,
  type ProposedChange,
} from './proposal.js';
export { resolveSettings } from './resolve.js';
export { isRollSafe, nextStage } from './roll.js';
export type { Comparison, ObservedRule, PaceRule, Rule, RuleKind, StaticRule, Term } from './rule.js';
export { INFLIGHT_MEMORY_BYTES, RULES, STATIC_RULES } from './rules.js';
