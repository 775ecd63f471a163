import { readFileSync } from 'node:fs';

import {
  checkEnvelope,
  type ConsensusSettings,
  DEFAULT_PROFILE,
  parseSettingsDocument,
  type Profile,
  resolveSettings,
  SettingsError,
} from '../settings/index.js';
import { RefusedStart } from './exit.js';
import type { Logger } from './logger.js';
import type { StartOptions } from './options.js';

export interface LoadedSettings {
  readonly profile: Profile;
  readonly consensus: ConsensusSettings;
}

/** Reads the settings file, if one is named, fills it up by the profile, and holds it against the envelope. */
export function loadSettings(options: StartOptions, logger: Logger): LoadedSettings {
  const document = options.settings === undefined ? undefined : read(options.settings);
  const profile = options.profile ?? document?.profile ?? DEFAULT_PROFILE;
  const consensus = resolve(profile, document?.consensus ?? {}, options.set);
  const broken = checkEnvelope(consensus).findings.filter((finding) => !finding.passed);
  const refused = broken.filter((finding) => finding.severity === 'required');
  if (refused.length > 0) {
    const lines = refused.map((finding) => `  ${finding.id}: ${finding.statement}. ${finding.reason}`);
    throw new RefusedStart(
      'usage',
      `${options.settings ?? 'settings'}: unsafe settings\n${lines.join('\n')}`,
    );
  }
  for (const { id, statement, reason } of broken)
    logger.warn('settings against advice', { rule: id, statement, reason });
  return { profile, consensus };
}

function read(path: string) {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new RefusedStart('usage', `--settings: cannot read ${path}: ${(error as Error).message}`);
  }
  try {
    return parseSettingsDocument(text);
  } catch (error) {
    throw new RefusedStart('usage', `${path}: ${(error as Error).message}`);
  }
}

function resolve(
  profile: Profile,
  file: Partial<ConsensusSettings>,
  set: Readonly<Record<string, string>>,
): ConsensusSettings {
  // Whatever is not a number stays a text, so that the schema refuses it by name.
  const numbers = Object.entries(set).map(([name, text]) => [
    name,
    /^-?\d+$/.test(text) ? Number(text) : text,
  ]);
  try {
    return resolveSettings(profile, {
      ...file,
      ...(Object.fromEntries(numbers) as Partial<ConsensusSettings>),
    });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new RefusedStart('usage', `--set: ${error.message}`);
  }
}
