import {
  FIELDS,
  RULES,
  type Comparison,
  type SettingName,
  type StaticRule,
  type Term,
} from '@aegis/replica/settings';
import type { CelRule } from '../schema/open-api.js';

/** How the settings of an object are reached in CEL. */
export interface SettingsInCel {
  /** The value of a setting, its default if it is not given. */
  setting(name: SettingName): string;
  /** How many followers the leader has. */
  readonly followers: string;
  /** The field that a refusal names. */
  readonly fieldPath: string;
}

/**
 * The static rules of the safety envelope as CEL, made from the table itself: whatever `checkEnvelope` requires, the API
 * server refuses too, with the same numbers. Bounds of single settings are in the schema already.
 */
export function envelopeRules(settings: SettingsInCel): CelRule[] {
  return requiredRules().flatMap((rule) =>
    rule.comparisons.map((comparison) => celRule(rule, comparison, settings)),
  );
}

/** The static rules that decide, without those that say no more than the bounds of one setting. */
export function requiredRules(): readonly StaticRule[] {
  return RULES.filter((rule) => rule.kind === 'static').filter(
    ({ severity, comparisons }) => severity === 'required' && !comparisons.every(isBound),
  );
}

/** Whether the comparison is the minimum or the maximum of one setting, which its schema has. */
function isBound({ greater, lesser }: Comparison): boolean {
  if ('constant' in lesser && 'field' in greater)
    return bare(greater) && FIELDS[greater.field].min === lesser.constant;
  if ('constant' in greater && 'field' in lesser)
    return bare(lesser) && FIELDS[lesser.field].max === greater.constant;
  return false;
}

function bare(term: Term): boolean {
  return 'field' in term && term.times === undefined && term.perFollower !== true;
}

function celRule(
  { id, reason }: StaticRule,
  { greater, lesser }: Comparison,
  settings: SettingsInCel,
): CelRule {
  return {
    rule: `${value(greater, settings)} >= ${value(lesser, settings)}`,
    // Without the numbers: the API server takes the text of a number for endless, and refuses a message with one as too costly.
    message: `${id}: ${words(greater)} must not be less than ${words(lesser)}. ${reason}`,
    reason: 'FieldValueInvalid',
    fieldPath: settings.fieldPath,
  };
}

function value(term: Term, settings: SettingsInCel): string {
  if ('constant' in term) return String(term.constant);
  const factors = [
    ...(term.times === undefined ? [] : [String(term.times)]),
    ...(term.perFollower === true ? [settings.followers] : []),
    settings.setting(term.field),
  ];
  return factors.join(' * ');
}

function words(term: Term): string {
  if ('constant' in term)
    return term.of === undefined ? String(term.constant) : `${term.of} (${term.constant})`;
  const factors = [
    ...(term.times === undefined ? [] : [String(term.times)]),
    ...(term.perFollower === true ? ['followers'] : []),
    term.field,
  ];
  return factors.join(' x ');
}
