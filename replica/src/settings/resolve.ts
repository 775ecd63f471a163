import { readConsensusFields } from './consensus-fields.js';
import { SettingsError, type SettingsProblem } from './errors.js';
import { FIELDS, SETTING_NAMES, type ConsensusSettings } from './fields.js';
import type { Profile } from './profile.js';

/**
 * The full settings: what is given, and the profile's defaults for the rest. Throws SettingsError for a field that is
 * unknown or out of its bounds; whether the fields are safe together is `checkEnvelope`'s to say.
 */
export function resolveSettings(profile: Profile, given: Partial<ConsensusSettings> = {}): ConsensusSettings {
  const problems: SettingsProblem[] = [];
  const read = readConsensusFields(given, 'spec.consensus', problems);
  if (problems.length > 0) throw new SettingsError(problems);
  const resolved = SETTING_NAMES.map((name) => [name, read[name] ?? FIELDS[name].defaults[profile]]);
  return Object.fromEntries(resolved) as ConsensusSettings;
}
