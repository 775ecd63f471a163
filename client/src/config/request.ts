import { SocketError } from './errors.js';
import type { BranchChange } from './repository.js';
import type { VerifyInput } from './standing.js';

/** What the agent asks, with everything in it of the type that it has to be. */
export type Asked =
  | { readonly what: 'standing' }
  | { readonly what: 'head'; readonly branch: string }
  | { readonly what: 'parent' | 'message' | 'merged' | 'conflicts'; readonly commit: string }
  | { readonly what: 'file'; readonly commit: string; readonly path: string }
  | { readonly what: 'write'; readonly change: BranchChange }
  | { readonly what: 'remove'; readonly branch: string; readonly from: string }
  | { readonly what: 'verify'; readonly input: VerifyInput };

const PATH_CHARACTERS_MAX = 255;
const FILES_MAX = 2;
/** What the ConfigMap of a verification in Kubernetes can carry. */
const QUESTION_CHARACTERS_MAX = 900 * 1024;

type Mapping = Readonly<Record<string, unknown>>;

/** Throws SocketError that names the field. */
export function readAsked(what: string, body: unknown): Asked {
  if (!isMapping(body)) throw invalid('the body', 'a mapping');
  switch (what) {
    case 'standing':
      return { what };
    case 'head':
      return { what, branch: text(body, 'branch') };
    case 'parent':
    case 'message':
    case 'merged':
    case 'conflicts':
      return { what, commit: text(body, 'commit') };
    case 'file':
      return { what, commit: text(body, 'commit'), path: path(text(body, 'path')) };
    case 'write':
      return { what, change: changeOf(body) };
    case 'remove':
      return { what, branch: text(body, 'branch'), from: text(body, 'from') };
    case 'verify':
      return { what, input: inputOf(body) };
    default:
      throw new SocketError('NotFound', `there is no /v1/${what.slice(0, 40)}`);
  }
}

function changeOf(body: Mapping): BranchChange {
  const { files } = body;
  if (!isMapping(files)) throw invalid('files', 'a mapping from paths to texts');
  const entries = Object.entries(files);
  if (entries.length === 0 || entries.length > FILES_MAX)
    throw invalid('files', `a mapping of 1 to ${FILES_MAX} paths`);
  for (const [name, content] of entries) {
    path(name);
    if (typeof content !== 'string') throw invalid(`files.${name}`, 'a text');
  }
  return {
    branch: text(body, 'branch'),
    parent: optionalText(body, 'parent'),
    from: optionalText(body, 'from'),
    files: files as Record<string, string>,
    message: text(body, 'message'),
  };
}

function inputOf(body: Mapping): VerifyInput {
  const incident = text(body, 'incident');
  if (!/^[a-z0-9-]{1,100}$/.test(incident)) throw invalid('incident', 'small letters, digits and dashes');
  const question = text(body, 'question');
  if (question.length > QUESTION_CHARACTERS_MAX)
    throw new SocketError('TooLarge', `a question has at most ${QUESTION_CHARACTERS_MAX} characters`);
  return { incident, question };
}

/** Of a file in a repository: none that leads elsewhere. */
function path(given: string): string {
  const parts = given.split('/');
  // eslint-disable-next-line no-control-regex
  const wrong = given.length > PATH_CHARACTERS_MAX || /[\u0000-\u001f\\:]/.test(given);
  if (wrong || parts.some((part) => part === '' || part === '.' || part === '..' || part === '.git'))
    throw invalid('path', `a path within the repository, of at most ${PATH_CHARACTERS_MAX} characters`);
  return given;
}

function text(body: Mapping, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw invalid(name, 'a text');
  return value;
}

function optionalText(body: Mapping, name: string): string | undefined {
  return body[name] === undefined ? undefined : text(body, name);
}

function invalid(what: string, wanted: string): SocketError {
  return new SocketError('InvalidRequest', `${what} has to be ${wanted}`);
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
