import { SETTING_NAMES, type SettingName } from '@aegis/replica/settings';
import { parse } from 'yaml';
import { CLASSES, FAULTS, type FaultKind, type IncidentClass } from '../diagnose/index.js';
import { LINK_FEATURES, REPLICA_FEATURES } from '../telemetry/index.js';

/** What people learned about a kind of incident, or what happened to somebody once. */
export interface Runbook {
  /** The name of its file, without the ending. */
  readonly id: string;
  readonly title: string;
  readonly classes: readonly IncidentClass[];
  /** Faults that it speaks about, the one that it is mostly about first. */
  readonly causes: readonly FaultKind[];
  /** Settings that it speaks about. */
  readonly knobs: readonly SettingName[];
  /** Public addresses that it rests on. */
  readonly sources: readonly string[];
  /** Markdown, without the title. */
  readonly text: string;
}

/** A file among the runbooks is none. */
export class RunbookError extends Error {
  override readonly name = 'RunbookError';

  constructor(file: string, what: string) {
    super(`${file}: ${what}`);
  }
}

const CHARACTERS_MAX = 32 * 1024;
const NAMES = new Set([...SETTING_NAMES, ...Object.keys(REPLICA_FEATURES), ...Object.keys(LINK_FEATURES)]);
const KEYS = ['id', 'classes', 'causes', 'knobs', 'sources'];
const SHAPE = /^---\n(?<head>[\s\S]*?)\n---\n+# (?<title>[^\n]+)\n+(?<text>[\s\S]+)$/;
const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const SOURCE = /^https:\/\/[a-z0-9.-]+\.[a-z]{2,}\/[^\s<>"]*$/;

/**
 * Reads one runbook: front matter between lines of `---`, a title, a text. Throws RunbookError.
 * @param file its name, of which the id is a part, for errors too
 */
export function readRunbook(content: string, file: string): Runbook {
  const refuse = (what: string): never => {
    throw new RunbookError(file, what);
  };
  if (content.length > CHARACTERS_MAX) refuse(`it has more than ${CHARACTERS_MAX} characters`);
  const { head, title, text } = SHAPE.exec(content)?.groups ?? {};
  if (head === undefined || title === undefined || text === undefined)
    return refuse(
      'it has to begin with front matter between two lines of ---, then a line "# title", then text',
    );
  const given = frontMatter(head, refuse);
  const id = given['id'];
  if (typeof id !== 'string' || !ID.test(id))
    return refuse('id: small letters, digits and hyphens are wanted');
  if (file.replace(/^.*\//, '') !== `${id}.md`) refuse(`id: a runbook ${id} has to be in ${id}.md`);
  const list = (key: string): readonly string[] => {
    const value = given[key];
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
      return refuse(`${key}: a list of words is wanted`);
    const twice = value.find((each, at) => value.indexOf(each) !== at);
    return twice === undefined ? value : refuse(`${key}: ${twice} stands twice`);
  };
  const among = <T extends string>(key: string, known: readonly T[], least: number): readonly T[] => {
    const words = list(key);
    if (words.length < least) refuse(`${key}: at least ${least} is wanted`);
    return words.map((word) =>
      known.includes(word as T)
        ? (word as T)
        : refuse(`${key}: there is no ${JSON.stringify(word)}; there are ${known.join(', ')}`),
    );
  };
  const sources = list('sources');
  if (sources.length === 0) refuse('sources: at least 1 is wanted');
  const wrong = sources.find((source) => !SOURCE.test(source));
  if (wrong !== undefined) refuse(`sources: ${JSON.stringify(wrong)} is no public https address`);
  return {
    id,
    title: title.trim(),
    classes: among('classes', CLASSES, 1),
    causes: among('causes', Object.keys(FAULTS) as FaultKind[], 1),
    knobs: among('knobs', SETTING_NAMES, 0),
    sources,
    text: knownNames(text.trim(), refuse),
  };
}

function frontMatter(head: string, refuse: (what: string) => never): Record<string, unknown> {
  let given: unknown;
  try {
    given = parse(head, { schema: 'failsafe', maxAliasCount: 0 });
  } catch (error) {
    return refuse(`its front matter is no YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return refuse('its front matter has to be a mapping');
  const strange = Object.keys(given).find((key) => !KEYS.includes(key));
  if (strange !== undefined) refuse(`${strange}: no such key; there are ${KEYS.join(', ')}`);
  return given as Record<string, unknown>;
}

/** What is written in code as our names are (`oneName`) has to be a setting or a feature: names of other systems are said in words. */
function knownNames(text: string, refuse: (what: string) => never): string {
  for (const [, name] of text.matchAll(/`([a-z]+(?:[A-Z][a-zA-Z0-9]*)+)`/g))
    if (!NAMES.has(name!)) refuse(`its text speaks of ${name}, which is no setting and no feature`);
  return text;
}
