import { readFileSync } from 'node:fs';

import {
  checkEnvelope,
  type ConsensusSettings,
  DEFAULT_PROFILE,
  type Finding,
  parseSettingsDocument,
  type Profile,
  resolveSettings,
  SettingsError,
} from '../settings/index.js';
import { RefusedStart } from './exit.js';
import type { StartOptions } from './options.js';

export interface LoadedSettings {
  readonly profile: Profile;
  readonly consensus: ConsensusSettings;
}

/** No cluster has fewer members: what is unsafe for this one is unsafe for all. */
const REPLICAS_MIN = 1;

/**
 * Reads the settings file, if one is named, fills it up by the profile, and refuses what no cluster may run. Once the size of the
 * cluster is known, `refuseUnsafe` has the last word.
 */
export function loadSettings(options: StartOptions): LoadedSettings {
  const document = options.settings === undefined ? undefined : read(options.settings);
  const profile = options.profile ?? document?.profile ?? DEFAULT_PROFILE;
  const consensus = resolve(profile, document?.consensus ?? {}, options.set);
  refuseUnsafe(options, consensus, REPLICAS_MIN);
  return { profile, consensus };
}

/** Holds settings against the envelope for a cluster of so many members. Returns the advice that they go against. */
export function refuseUnsafe(
  options: Pick<StartOptions, 'settings'>,
  consensus: ConsensusSettings,
  replicas: number,
): readonly Finding[] {
  const broken = checkEnvelope(consensus, { replicas }).findings.filter((finding) => !finding.passed);
  const refused = broken.filter((finding) => finding.severity === 'required');
  if (refused.length === 0) return broken;
  const lines = refused.map((finding) => `  ${finding.id}: ${finding.statement}. ${finding.reason}`);
  throw new RefusedStart('usage', `${options.settings ?? 'settings'}: unsafe settings\n${lines.join('\n')}`);
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
