import { SETTINGS_API_VERSION, SETTINGS_KIND } from '@aegis/replica/settings';
import { parseAllDocuments } from 'yaml';
import type { FileAt } from './forge.js';

/** A settings file is a page of text; whatever is larger is something else. */
export const FILE_CHARACTERS_MAX = 256 * 1024;
const ALIASES_MAX = 10;
const GROUP = SETTINGS_API_VERSION.slice(0, SETTINGS_API_VERSION.indexOf('/'));

/** Whose document of the file counts. */
export interface Target {
  readonly namespace: string;
  readonly name: string;
}

/** What a file says of one cluster. */
export type Reading =
  | {
      readonly kind: 'settings';
      /** spec.consensus as it stands there, unchecked; empty if it is missing. */
      readonly consensus: Readonly<Record<string, unknown>>;
      /** What a person may want to know; nothing is wrong. */
      readonly notes: readonly string[];
      /** Equal for equal spec.consensus, whatever else differs. */
      readonly fingerprint: string;
    }
  | {
      readonly kind: 'none';
      readonly reason: 'FileMissing' | 'DocumentMissing' | 'DuplicateDocument' | 'InvalidDocument';
      readonly message: string;
      readonly fingerprint: string;
    };

type Mapping = Readonly<Record<string, unknown>>;

/** Reads spec.consensus of the one document that is of this kind, namespace and name. Never throws. */
export function readFile(file: FileAt, target: Target): Reading {
  switch (file.kind) {
    case 'missing':
      return none('FileMissing', 'The file is not there.', 'missing');
    case 'unreadable':
      return none('InvalidDocument', file.why, file.id);
    case 'text':
      return readText(file.text, file.id, target);
  }
}

function readText(text: string, id: string, target: Target): Reading {
  if (text.length > FILE_CHARACTERS_MAX) {
    return none(
      'InvalidDocument',
      `The file has ${text.length} characters, more than ${FILE_CHARACTERS_MAX}.`,
      id,
    );
  }
  let contents: unknown[];
  try {
    contents = parse(text);
  } catch (error) {
    return none(
      'InvalidDocument',
      `Not valid YAML: ${error instanceof Error ? error.message : String(error)}.`,
      id,
    );
  }
  const own = contents.filter(isMapping).filter((content) => isOf(content, target));
  const [document, ...more] = own;
  const who = `${SETTINGS_KIND} ${target.namespace}/${target.name}`;
  if (document === undefined) {
    return none(
      'DocumentMissing',
      `The file has no document of ${who}.${hintOf(contents, target)}`,
      'missing',
    );
  }
  if (more.length > 0)
    return none('DuplicateDocument', `The file has ${own.length} documents of ${who}.`, id);
  return readDocument(document, id, who);
}

/** All documents of the file. Throws Error with all that is wrong. */
function parse(text: string): unknown[] {
  const documents = [...parseAllDocuments(text, { version: '1.2', uniqueKeys: true, prettyErrors: true })];
  const problems = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message.trim()).join('; '));
  return documents.map((document): unknown => document.toJS({ maxAliasCount: ALIASES_MAX }));
}

function readDocument(document: Mapping, id: string, who: string): Reading {
  if (document['apiVersion'] !== SETTINGS_API_VERSION) {
    return none('InvalidDocument', `${who}: apiVersion must be ${SETTINGS_API_VERSION}.`, id);
  }
  const spec = document['spec'] ?? {};
  if (!isMapping(spec)) return none('InvalidDocument', `${who}: spec must be a mapping.`, id);
  const consensus = spec['consensus'] ?? {};
  if (!isMapping(consensus)) return none('InvalidDocument', `${who}: spec.consensus must be a mapping.`, id);
  const others = Object.keys(spec).filter((name) => name !== 'consensus');
  const notes = others.map((name) => `spec.${name} in the file is not read: only spec.consensus is.`);
  try {
    return { kind: 'settings', consensus, notes, fingerprint: fingerprintOf(consensus) };
  } catch {
    return none('InvalidDocument', `${who}: spec.consensus contains itself.`, id);
  }
}

/** Equal for equal settings, in whatever order they stand. Throws TypeError for a mapping that contains itself. */
export function fingerprintOf(consensus: Mapping): string {
  const sort = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sort);
    if (!isMapping(value)) return value;
    const names = Object.keys(value).sort();
    return Object.fromEntries(names.map((name) => [name, sort(value[name])]));
  };
  // Throws for a cycle before `sort` would run away in it.
  JSON.stringify(consensus);
  return `settings ${JSON.stringify(sort(consensus))}`;
}

/** Documents of the same name that belong to other API groups are none of ours. */
function isOf(content: Mapping, target: Target): boolean {
  const { apiVersion, kind, metadata } = content;
  const foreign = typeof apiVersion === 'string' && apiVersion.split('/')[0] !== GROUP;
  if (foreign || kind !== SETTINGS_KIND || !isMapping(metadata)) return false;
  return metadata['name'] === target.name && metadata['namespace'] === target.namespace;
}

function hintOf(contents: readonly unknown[], target: Target): string {
  const named = contents.filter(isMapping).some(({ kind, metadata }) => {
    if (kind !== SETTINGS_KIND || !isMapping(metadata)) return false;
    return metadata['name'] === target.name && metadata['namespace'] === undefined;
  });
  return named
    ? ` One of this name has no namespace: write metadata.namespace: ${target.namespace} into it.`
    : '';
}

function none(reason: Extract<Reading, { kind: 'none' }>['reason'], message: string, what: string): Reading {
  return { kind: 'none', reason, message, fingerprint: `${reason} ${what}` };
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
