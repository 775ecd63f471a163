import {
  DEFAULT_PROFILE,
  FIELDS,
  PROFILES,
  SETTING_NAMES,
  type SettingField,
  type SettingName,
} from '@aegis/replica/settings';
import type { SettingsInCel } from '../cel/envelope.js';
import { group } from '../schema/composites.js';
import { whole } from '../schema/scalars.js';
import { optional, type Optional, type Schema } from '../schema/schema.js';

type Some = { readonly [Name in SettingName]: Optional<Schema<number>> };
type All = { readonly [Name in SettingName]: Schema<number> };

/** Settings of which any may be missing; those that are have the default of the profile. */
export function someSettings(description: string, limits: { minFields?: number; maxFields?: number } = {}) {
  const fields = SETTING_NAMES.map((name) => [name, optional(setting(name))]);
  return group(description, Object.fromEntries(fields) as Some, limits);
}

/** All settings, each with its value. */
export function allSettings(description: string) {
  const fields = SETTING_NAMES.map((name) => [name, setting(name)]);
  return group(description, Object.fromEntries(fields) as All);
}

function setting(name: SettingName): Schema<number> {
  const { doc, unit, min, max, defaults, scope }: SettingField = FIELDS[name];
  const values = PROFILES.map((profile) => defaults[profile]);
  const told = values.every((each) => each === values[0])
    ? `Default ${values[0]}.`
    : `Default ${PROFILES.map((profile) => `${defaults[profile]} (${profile})`).join(', ')}.`;
  const change =
    scope === 'member'
      ? 'A change restarts the members one after the other.'
      : 'A change is one logged command; nothing restarts.';
  return whole(`${doc} In ${unit}. ${told} ${change}`, { min, max });
}

/** The settings of the spec of a cluster, for the envelope's rules on that spec. */
export const SETTINGS_OF_SPEC: SettingsInCel = {
  setting: (name) => {
    const given = `self.consensus.${name}`;
    return `(has(self.consensus) && has(${given}) ? ${given} : ${defaultOf(name)})`;
  },
  followers: '(self.replicas - 1)',
  fieldPath: '.consensus',
};

function defaultOf(name: SettingName): string {
  const { defaults }: SettingField = FIELDS[name];
  const others = PROFILES.filter((profile) => defaults[profile] !== defaults[DEFAULT_PROFILE]);
  return others.reduceRight(
    (otherwise, profile) => `(self.profile == '${profile}' ? ${defaults[profile]} : ${otherwise})`,
    String(defaults[DEFAULT_PROFILE]),
  );
}
