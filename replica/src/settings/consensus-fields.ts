import { unknownName } from './closest-name.js';
import type { SettingsProblem } from './errors.js';
import { FIELDS, isSettingName, SETTING_NAMES, type ConsensusSettings, type SettingName } from './fields.js';

/** Checks each given field by itself: known, a whole number, within its bounds. Adds what is wrong to `problems`. */
export function readConsensusFields(
  given: Readonly<Record<string, unknown>>,
  path: string,
  problems: SettingsProblem[],
): Partial<ConsensusSettings> {
  const read: Partial<Record<SettingName, number>> = {};
  for (const [name, value] of Object.entries(given)) {
    const fieldPath = `${path}.${name}`;
    if (!isSettingName(name)) {
      problems.push({ path: fieldPath, message: unknownName(name, SETTING_NAMES) });
      continue;
    }
    const message = whatIsWrong(name, value);
    if (message === undefined) read[name] = value as number;
    else problems.push({ path: fieldPath, message });
  }
  return read;
}

function whatIsWrong(name: SettingName, value: unknown): string | undefined {
  const { unit, min, max } = FIELDS[name];
  const allowed = `a whole number of ${unit} from ${min} to ${max}`;
  if (typeof value !== 'number') return `must be ${allowed}, is ${kindOf(value)}.`;
  if (!Number.isSafeInteger(value) || value < min || value > max) return `must be ${allowed}, is ${value}.`;
  return undefined;
}

export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? `the text "${value.slice(0, 40)}"` : `a ${typeof value}`;
}
