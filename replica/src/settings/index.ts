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
export {
  FIELDS,
  SETTING_NAMES,
  type ConsensusSettings,
  type SettingField,
  type SettingName,
} from './fields.js';
export { DEFAULT_PROFILE, isProfile, PROFILES, type Profile } from './profile.js';
export { resolveSettings } from './resolve.js';
export { isRollSafe, nextStage } from './roll.js';
export type { Comparison, Rule, RuleKind, StaticRule, Term } from './rule.js';
export { INFLIGHT_MEMORY_BYTES, RULES } from './rules.js';
