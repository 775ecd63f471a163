import { SETTING_NAMES, type ConsensusSettings, type SettingName } from './fields.js';

export type Patch = Readonly<Partial<ConsensusSettings>>;

/** What somebody wants to change, and how it would be undone. */
export interface Change {
  /** What runs. */
  readonly base: ConsensusSettings;
  readonly patch: Patch;
  /** What puts `base` back. */
  readonly rollback: Patch;
}

/** How things stand for one more change. */
export interface Pace {
  /** Milliseconds since 1970, like all times here. */
  readonly now: number;
  /** When settings of this cluster changed last; undefined: never, as far as is known. */
  readonly lastChangeAt?: number | undefined;
  /** So long the effect of a change is watched before the next one. */
  readonly dwellMs: number;
  /** Members that can be lost before the quorum is; undefined: nobody knows. */
  readonly quorumMargin?: number | undefined;
}

export const DWELL_MS = 30 * 60_000;

export function patched(base: ConsensusSettings, patch: Patch): ConsensusSettings {
  return { ...base, ...patch };
}

/** Settings that a patch really changes. */
export function changedBy({ base, patch }: Pick<Change, 'base' | 'patch'>): readonly SettingName[] {
  return SETTING_NAMES.filter((name) => patch[name] !== undefined && patch[name] !== base[name]);
}

/** The patch that leads back from a patched base. */
export function rollbackOf(base: ConsensusSettings, patch: Patch): Patch {
  return Object.fromEntries(
    SETTING_NAMES.filter((name) => patch[name] !== undefined).map((name) => [name, base[name]]),
  );
}

export function sameSettings(a: ConsensusSettings, b: ConsensusSettings): boolean {
  return SETTING_NAMES.every((name) => a[name] === b[name]);
}
