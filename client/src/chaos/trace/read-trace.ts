import { checkEnvelope, readConsensusFields, resolveSettings } from '@aegis/replica/settings';
import { parseDocument } from 'yaml';
import { readFault, readLoad } from './entries.js';
import { TraceError, type TraceProblem } from './errors.js';
import { Reader } from './reader.js';
import { GROUPS, PARTS, type Part, type Trace } from './trace.js';

/** A trace is a page of text. */
const CHARACTERS_MAX = 64 * 1024;
const DURATION_MS_MAX = 3_600_000;
const ENTRIES_MAX = 200;
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/**
 * Reads a trace: one YAML document, see docs/chaos.md. Throws TraceError that lists all that is wrong.
 * @param source where the text comes from, for the error
 */
export function readTrace(text: string, source: string): Trace {
  const problems: TraceProblem[] = [];
  const root = Reader.of(parse(text, source), '', problems);
  root.only(['name', 'about', 'seed', 'duration', 'replicas', 'settings', 'roles', 'load', 'faults']);
  const durationMs = root.duration('duration', { min: 1000, max: DURATION_MS_MAX });
  const replicas = root.number('replicas', { min: 1, max: 7 }, 5);
  const roles = readRoles(root, replicas);
  const setting = { durationMs, roles: Object.keys(roles) };
  const trace: Trace = {
    name: root.text('name', NAME, 'small letters, digits and dashes'),
    about: root.text('about', /^[^\n]{1,300}\n?$/, 'one line that says what happens').trim(),
    seed: root.number('seed', { min: 0, max: 2 ** 32 - 1 }, 1),
    durationMs,
    replicas,
    roles,
    settings: readSettings(root, replicas),
    load: root.list('load', ENTRIES_MAX).flatMap((entry) => readLoad(entry, setting) ?? []),
    faults: root.list('faults', ENTRIES_MAX).flatMap((entry) => readFault(entry, setting) ?? []),
  };
  if (problems.length > 0) throw new TraceError(source, problems);
  return trace;
}

function parse(text: string, source: string): unknown {
  const refuse = (message: string): never => {
    throw new TraceError(source, [{ path: '', message }]);
  };
  if (text.length > CHARACTERS_MAX)
    refuse(`a trace has at most ${CHARACTERS_MAX} characters, this has ${text.length}.`);
  const document = parseDocument(text, { version: '1.2', uniqueKeys: true, prettyErrors: true });
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0)
    throw new TraceError(
      source,
      wrong.map(({ message }) => ({ path: '', message: `not valid YAML: ${message}` })),
    );
  try {
    return document.toJS({ maxAliasCount: 10 });
  } catch (error) {
    return refuse(`not valid YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readRoles(root: Reader, replicas: number): Record<string, Part> {
  const reader = root.mapping('roles');
  const roles: Record<string, Part> = {};
  for (const name of Object.keys(reader.fields)) {
    if (!NAME.test(name)) reader.wrong(name, 'a role is called by small letters, digits and dashes.');
    else if (GROUPS.some((group) => group === name)) reader.wrong(name, 'means something else already.');
    else roles[name] = reader.choice(name, PARTS) ?? 'any';
  }
  const parts = Object.values(roles);
  if (parts.filter((part) => part === 'leader').length > 1) root.wrong('roles', 'there is one leader only.');
  if (parts.length > replicas) root.wrong('roles', `${parts.length} roles need as many replicas.`);
  else if (parts.length === replicas && parts.every((part) => part === 'follower'))
    root.wrong('roles', 'one of the replicas is the leader.');
  return roles;
}

/** They have to be safe: a replica does not start with others. */
function readSettings(root: Reader, replicas: number): Trace['settings'] {
  const reader = root.mapping('settings');
  const before = root.problems.length;
  const settings = readConsensusFields(reader.fields, 'settings', root.problems);
  if (root.problems.length > before) return {};
  for (const { id, statement, passed, severity } of checkEnvelope(resolveSettings('all', settings), {
    replicas,
  }).findings)
    if (!passed && severity === 'required') root.wrong('settings', `unsafe, rule ${id}: ${statement}.`);
  return settings;
}
