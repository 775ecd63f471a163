import { SETTINGS_API_VERSION, SETTINGS_KIND, type Patch, type SettingName } from '@aegis/replica/settings';
import { isDeepStrictEqual } from 'node:util';
import { isMap, isNode, isScalar, parseAllDocuments, type Document, type YAMLMap } from 'yaml';
import { ForgeRefusal, type Target } from './forge.js';

const FILE_CHARACTERS_MAX = 256 * 1024;
const ALIASES_MAX = 10;

/**
 * The file with the patch in `spec.consensus` of the cluster's document, and nothing else changed: numbers are replaced where they
 * stand, new settings go behind the last one. The result is read again and compared. Throws ForgeRefusal.
 */
export function editSettings(
  text: string,
  target: Pick<Target, 'namespace' | 'cluster'>,
  patch: Patch,
): string {
  const before = read(text);
  const at = find(before, target);
  let edited = text;
  for (const [name, value] of Object.entries(patch) as [SettingName, number][])
    edited = setOne(edited, at, name, value);
  if (edited === text)
    throw new ForgeRefusal('NothingChanges', 'The file says already what the patch would make it say.');
  const after = read(edited);
  const wanted = before.map(contentOf);
  const document = wanted[at] as { spec?: { consensus?: object } };
  document.spec = { ...document.spec, consensus: { ...document.spec?.consensus, ...patch } };
  if (!isDeepStrictEqual(after.map(contentOf), wanted))
    throw invalid('the edit would change more than the settings, for example what an anchor shares');
  return edited;
}

function read(text: string): Document.Parsed[] {
  if (text.length > FILE_CHARACTERS_MAX)
    throw invalid(`it has ${text.length} characters, more than ${FILE_CHARACTERS_MAX}`);
  const documents = [
    ...parseAllDocuments(text, { version: '1.2', uniqueKeys: true, keepSourceTokens: true }),
  ] as Document.Parsed[];
  const problems = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  if (problems.length > 0)
    throw invalid(`not valid YAML: ${problems.map(({ message }) => message.trim()).join('; ')}`);
  return documents;
}

function contentOf(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

/** The index of the one document of the cluster. */
function find(
  documents: readonly Document.Parsed[],
  { namespace, cluster }: Pick<Target, 'namespace' | 'cluster'>,
): number {
  const found = documents.flatMap((document, at) => {
    const own =
      document.get('apiVersion') === SETTINGS_API_VERSION &&
      document.get('kind') === SETTINGS_KIND &&
      document.getIn(['metadata', 'name']) === cluster &&
      (document.getIn(['metadata', 'namespace']) ?? namespace) === namespace;
    return own ? [at] : [];
  });
  const who = `${SETTINGS_KIND} ${namespace}/${cluster}`;
  if (found.length > 1) throw invalid(`there are ${found.length} documents of ${who}`);
  if (found[0] === undefined) throw invalid(`there is no document of ${who}`);
  return found[0];
}

function setOne(text: string, at: number, name: SettingName, value: number): string {
  const root: unknown = read(text)[at]!.contents;
  const line = `${name}: ${value}`;
  if (!isMap(root) || root.flow === true)
    throw invalid('its document is no mapping with a name on each line');
  const spec = pairOf(root, 'spec');
  if (spec === undefined) return behindLast(text, root, `spec:\n  consensus:\n    ${line}`);
  if (isEmpty(spec.value)) return below(text, spec, `consensus:\n  ${line}`);
  if (!isMap(spec.value)) throw invalid('spec is no mapping of its own');
  const consensus = pairOf(spec.value, 'consensus');
  if (consensus === undefined) {
    if (spec.value.flow === true) return intoFlow(text, spec.value, `consensus: { ${line} }`);
    return behindLast(text, spec.value, `consensus:\n  ${line}`);
  }
  if (isEmpty(consensus.value)) return below(text, consensus, line);
  if (!isMap(consensus.value)) throw invalid('spec.consensus is no mapping of its own');
  const old = pairOf(consensus.value, name);
  if (old !== undefined) return replaced(text, old, value);
  return consensus.value.flow === true
    ? intoFlow(text, consensus.value, line)
    : behindLast(text, consensus.value, line);
}

type Pair = YAMLMap['items'][number];

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (isScalar(value) && value.value === null);
}

/** Where a node begins, and where its value ends. */
function rangeOf(node: unknown): readonly [number, number] {
  const range = isNode(node) ? node.range : undefined;
  if (!range) throw invalid('it is written in a way that cannot be edited');
  return [range[0], range[1]];
}

function replaced(text: string, { key, value: old }: Pair, value: number): string {
  if (!isEmpty(old)) {
    if (!isScalar(old)) throw invalid('a setting in it is no number');
    const [from, to] = rangeOf(old);
    return text.slice(0, from) + String(value) + text.slice(to);
  }
  const colon = text.indexOf(':', rangeOf(key)[1]);
  return `${text.slice(0, colon + 1)} ${value}${text.slice(colon + 1)}`;
}

function intoFlow(text: string, map: YAMLMap, item: string): string {
  const last = map.items.at(-1);
  const end = rangeOf(map)[1] - 1;
  if (last === undefined) return `${text.slice(0, rangeOf(map)[0])}{ ${item} }${text.slice(end + 1)}`;
  const to = rangeOf(last.value)[1];
  return `${text.slice(0, to)}, ${item}${text.slice(to)}`;
}

/** Lines below a name without a value, two columns further to the right. */
function below(text: string, { key }: Pair, lines: string): string {
  const [from, to] = rangeOf(key);
  return insertLines(text, to, `${indentAt(text, from)}  `, lines);
}

/** Lines behind the last item of a mapping, as far to the right as its items. */
function behindLast(text: string, map: YAMLMap, lines: string): string {
  const last = map.items.at(-1);
  if (last === undefined) throw invalid('it has an empty mapping where one with names is needed');
  const end = isEmpty(last.value) ? rangeOf(last.key)[1] : contentEnd(last.value);
  return insertLines(text, end, indentAt(text, rangeOf(last.key)[0]), lines);
}

/** Where what a value says ends; a mapping's own range goes on over the comments below it. */
function contentEnd(value: unknown): number {
  if (isMap(value) && value.flow !== true) {
    const last = value.items.at(-1);
    if (last !== undefined) return isEmpty(last.value) ? rangeOf(last.key)[1] : contentEnd(last.value);
  }
  return rangeOf(value)[1];
}

function indentAt(text: string, offset: number): string {
  const indent = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (!/^ *$/.test(indent))
    throw invalid('it is written in a way that cannot be edited: a name does not begin its line');
  return indent;
}

function insertLines(text: string, offset: number, indent: string, lines: string): string {
  const newline = text.indexOf('\n', Math.max(0, offset - 1));
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const added = lines
    .split('\n')
    .map((line) => `${indent}${line}${ending}`)
    .join('');
  if (newline < 0) return `${text}${ending}${added}`;
  return `${text.slice(0, newline + 1)}${added}${text.slice(newline + 1)}`;
}

function invalid(what: string): ForgeRefusal {
  return new ForgeRefusal('InvalidDocument', `The settings file cannot be edited: ${what}.`);
}
