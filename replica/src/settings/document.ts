import { parseAllDocuments, type Document } from 'yaml';
import { unknownName } from './closest-name.js';
import { kindOf, readConsensusFields } from './consensus-fields.js';
import { SettingsError, type SettingsProblem } from './errors.js';
import type { ConsensusSettings } from './fields.js';
import { DEFAULT_PROFILE, isProfile, PROFILES, type Profile } from './profile.js';

export const SETTINGS_API_VERSION = 'aegis.dev/v1alpha1';
export const SETTINGS_KIND = 'AegisCluster';
/** A settings document is a page of text; whatever is larger is something else. */
export const DOCUMENT_CHARACTERS_MAX = 256 * 1024;

export interface SettingsDocument {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly profile: Profile;
  /** Only what the document says; `resolveSettings` adds the defaults. */
  readonly consensus: Partial<ConsensusSettings>;
}

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Reads a settings file: one YAML document with apiVersion, kind, metadata and spec. Throws SettingsError that lists all
 * that is wrong. Documents of other kinds in the same file are passed over.
 */
export function parseSettingsDocument(text: string): SettingsDocument {
  const candidates = parseYaml(text).filter((content) => {
    return !isMapping(content) || content['kind'] === undefined || content['kind'] === SETTINGS_KIND;
  });
  const [content, ...more] = candidates;
  if (content === undefined) throw refusal(`there is no document of kind ${SETTINGS_KIND}.`);
  if (more.length > 0)
    throw refusal(`there are ${candidates.length} settings documents where one is allowed.`);
  if (!isMapping(content)) throw refusal(`a settings document is a mapping, this is ${kindOf(content)}.`);
  return readDocument(content);
}

function parseYaml(text: string): unknown[] {
  if (text.length > DOCUMENT_CHARACTERS_MAX) {
    throw refusal(
      `a settings file has at most ${DOCUMENT_CHARACTERS_MAX} characters, this has ${text.length}.`,
    );
  }
  const documents: Document[] = [
    ...parseAllDocuments(text, { version: '1.2', uniqueKeys: true, prettyErrors: true }),
  ];
  const problems = documents
    .flatMap((document) => [...document.errors, ...document.warnings])
    .map(({ message }) => ({ path: '', message: `not valid YAML: ${message}` }));
  if (problems.length > 0) throw new SettingsError(problems);
  try {
    return documents
      .map((document): unknown => document.toJS({ maxAliasCount: 10 }))
      .filter((content) => content !== null);
  } catch (error) {
    throw refusal(`not valid YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readDocument(content: Mapping): SettingsDocument {
  const problems: SettingsProblem[] = [];
  refuseUnknown(content, '', ['apiVersion', 'kind', 'metadata', 'spec'], problems);
  expectText(content, 'apiVersion', SETTINGS_API_VERSION, problems);
  expectText(content, 'kind', SETTINGS_KIND, problems);
  const metadata = readMapping(content['metadata'], 'metadata', problems);
  const spec = readMapping(content['spec'], 'spec', problems);
  const { name, namespace } = metadata;
  if (typeof name !== 'string' || name === '') {
    problems.push({ path: 'metadata.name', message: `must be the cluster's name, is ${kindOf(name)}.` });
  }
  if (namespace !== undefined && typeof namespace !== 'string') {
    problems.push({ path: 'metadata.namespace', message: `must be a text, is ${kindOf(namespace)}.` });
  }
  refuseUnknown(spec, 'spec', ['profile', 'consensus'], problems);
  const profile = spec['profile'] ?? DEFAULT_PROFILE;
  if (!isProfile(profile)) {
    const message = `must be one of ${PROFILES.join(', ')}, is ${kindOf(profile)}.`;
    problems.push({ path: 'spec.profile', message });
  }
  const given = readMapping(spec['consensus'] ?? {}, 'spec.consensus', problems);
  const consensus = readConsensusFields(given, 'spec.consensus', problems);
  if (problems.length > 0) throw new SettingsError(problems);
  return {
    name: name as string,
    namespace: namespace as string | undefined,
    profile: profile as Profile,
    consensus,
  };
}

function expectText(content: Mapping, field: string, expected: string, problems: SettingsProblem[]): void {
  const value = content[field];
  if (value === expected) return;
  const hint = value === undefined ? ' A bare mapping of settings is not accepted.' : '';
  problems.push({ path: field, message: `must be ${expected}, is ${kindOf(value)}.${hint}` });
}

function refuseUnknown(
  given: Mapping,
  path: string,
  known: readonly string[],
  problems: SettingsProblem[],
): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    problems.push({ path: path === '' ? name : `${path}.${name}`, message: unknownName(name, known) });
  }
}

function readMapping(value: unknown, path: string, problems: SettingsProblem[]): Mapping {
  if (isMapping(value)) return value;
  problems.push({ path, message: `must be a mapping, is ${kindOf(value)}.` });
  return {};
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refusal(message: string): SettingsError {
  return new SettingsError([{ path: '', message }]);
}
