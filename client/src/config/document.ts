import {
  changedBy,
  judgeMerge,
  parseSettingsDocument,
  resolveSettings,
  rollbackOf,
  SETTING_NAMES,
  SETTINGS_API_VERSION,
  SETTINGS_KIND,
  SettingsError,
  type ConsensusSettings,
  type Patch,
  type Profile,
} from '@aegis/replica/settings';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';

/** Whose settings a document has to be. */
export interface Owner {
  readonly namespace: string;
  readonly cluster: string;
  readonly profile: Profile;
  readonly replicas: number;
}

export type Judged =
  | {
      readonly kind: 'settings';
      readonly settings: ConsensusSettings;
      /** Rules that it goes against and that bind no person. */
      readonly reported: readonly string[];
    }
  | {
      readonly kind: 'refused';
      readonly reason: 'FileMissing' | 'InvalidDocument' | 'UnsafeSettings';
      /** What is wrong, with the rules and their numbers. */
      readonly message: string;
    };

/** The first document of a cluster's repository. */
export function firstDocument({ namespace, cluster, profile }: Owner): string {
  const document = {
    apiVersion: SETTINGS_API_VERSION,
    kind: SETTINGS_KIND,
    metadata: { name: cluster, namespace },
    spec: { profile, consensus: {} },
  };
  const head = [
    '# The settings of this cluster. Change them here, commit, and push: what is on the branch main is applied,',
    '# one replica after the other, unless the safety envelope refuses it (docs/safety-envelope.md).',
    '# Settings that are not named have the defaults of the profile.',
  ];
  return `${head.join('\n')}\n${stringify(document)}`;
}

/**
 * What a settings file asks for, held against the static rules of the envelope. Never throws.
 * @param text undefined: there is no such file
 * @param running what the cluster runs
 * @param lastHealthy settings under which it was available last: going back to them is never refused
 */
export function judgeDocument(
  text: string | undefined,
  owner: Owner,
  running: ConsensusSettings,
  lastHealthy: ConsensusSettings | undefined,
): Judged {
  if (text === undefined)
    return { kind: 'refused', reason: 'FileMissing', message: 'the settings file is not on the branch' };
  let settings: ConsensusSettings;
  try {
    const document = parseSettingsDocument(text);
    const own = `${owner.namespace}/${owner.cluster}`;
    const named = `${document.namespace ?? owner.namespace}/${document.name}`;
    if (named !== own) return invalid(`it is of ${named}, and this cluster is ${own}`);
    settings = resolveSettings(owner.profile, document.consensus);
  } catch (error) {
    if (error instanceof SettingsError) return invalid(error.message);
    throw error;
  }
  const patch = patchBetween(running, settings);
  if (Object.keys(patch).length === 0) return { kind: 'settings', settings, reported: [] };
  const { passed, findings, reported } = judgeMerge({
    base: running,
    patch,
    rollback: rollbackOf(running, patch),
    context: { replicas: owner.replicas },
    observations: {},
    pace: { now: 0, dwellMs: 0, quorumMargin: 1 },
    lastHealthy,
  });
  if (!passed) {
    const broken = findings.filter((each) => {
      return each.kind === 'static' && each.severity === 'required' && !each.passed;
    });
    const message = broken.map(({ id, statement }) => `rule ${id}: ${statement}`).join('; ');
    return { kind: 'refused', reason: 'UnsafeSettings', message };
  }
  // Observed rules cannot be told here: nothing is measured.
  const told = reported.filter(({ kind }) => kind !== 'observed');
  return { kind: 'settings', settings, reported: told.map(({ id, statement }) => `${id}: ${statement}`) };
}

/** The settings that have to change for one to become the other. */
export function patchBetween(from: ConsensusSettings, to: ConsensusSettings): Patch {
  const all: Patch = Object.fromEntries(SETTING_NAMES.map((name) => [name, to[name]]));
  return Object.fromEntries(changedBy({ base: from, patch: all }).map((name) => [name, to[name]]));
}

/** Whether two settings files differ in `spec.consensus` alone. Both are settings documents already. */
export function sameButForConsensus(before: string, after: string): boolean {
  return isDeepStrictEqual(withoutConsensus(before), withoutConsensus(after));
}

const ALIASES_MAX = 10;

function withoutConsensus(text: string): unknown {
  return parseAllDocuments(text, { version: '1.2' }).map((document) => {
    const content: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    if (typeof content !== 'object' || content === null) return content;
    const { spec, ...rest } = content as Record<string, unknown>;
    const others = typeof spec === 'object' && spec !== null ? { ...spec, consensus: undefined } : {};
    return { ...rest, spec: Object.fromEntries(Object.entries(others).filter(([, v]) => v !== undefined)) };
  });
}

function invalid(message: string): Judged {
  return { kind: 'refused', reason: 'InvalidDocument', message };
}
