import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isMap, isScalar, parseDocument, visit, type Document } from 'yaml';
import { SupervisorError } from '../supervisor/errors.js';

/** Files of docs/model.md and docs/notifications.md that a person gave to `aegis up`. */
export interface AgentFiles {
  readonly model?: string | undefined;
  readonly webhooks?: string | undefined;
}

const BYTES_MAX = 64 * 1024;
/** Settings that name a file with a secret: apiKeyFile, urlFile, tokenFile. */
const NAMES_A_FILE = /^[a-z][A-Za-z]*File$/;

/** What is laid out for the agent. */
export interface AgentSecrets {
  /** The folder, which is for nothing else. */
  readonly folder: string;
  /** Content by path in that folder. */
  readonly contents: ReadonlyMap<string, string>;
  /** Where the copies of what was given will lie. */
  readonly files: AgentFiles;
}

/**
 * Reads the files, and the secrets that they name: relative paths begin at the file that names them. What else is wrong with them the
 * agent says. Throws SupervisorError naming file and key.
 */
export function readSecrets(given: AgentFiles, folder: string): AgentSecrets {
  const contents = new Map<string, string>();
  const files: Record<string, string> = {};
  for (const [kind, path] of Object.entries(given) as [string, string | undefined][]) {
    if (path === undefined) continue;
    const document = readDocument(path);
    let count = 0;
    visit(document, {
      Pair: (_, { key, value }) => {
        const name = isScalar(key) ? String(key.value) : '';
        if (!NAMES_A_FILE.test(name)) return;
        if (!isScalar(value) || typeof value.value !== 'string')
          throw wrong(path, `${name} has to be the path of a file`);
        const secret = read(resolve(dirname(path), value.value), `${path}: ${name}`);
        value.value = join(folder, `${kind}-${++count}`);
        contents.set(value.value as string, secret);
      },
    });
    files[kind] = join(folder, `${kind}.yaml`);
    contents.set(files[kind], document.toString());
  }
  return { folder, contents, files };
}

/** Lays them where the agent alone may read them: a user of its own sees nothing of who started it. What was there before is gone. */
export function layOutSecrets({ folder, contents }: AgentSecrets, uid: number | undefined): void {
  rmSync(folder, { recursive: true, force: true });
  if (contents.size === 0) return;
  mkdirSync(folder, { mode: 0o700 });
  for (const [path, content] of contents) writeFileSync(path, content, { mode: 0o600 });
  if (uid !== undefined) for (const path of [folder, ...contents.keys()]) chownSync(path, uid, uid);
}

function readDocument(path: string): Document {
  const document = parseDocument(read(path, path));
  const [error] = document.errors;
  if (error !== undefined) throw wrong(path, error.message);
  if (!isMap(document.contents)) throw wrong(path, 'is no mapping');
  return document;
}

function read(path: string, who: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw wrong(who, `${path} cannot be read: ${(error as Error).message}`);
  }
  if (text.length > BYTES_MAX) throw wrong(who, `${path} has more than ${BYTES_MAX} characters`);
  return text;
}

function wrong(who: string, what: string): SupervisorError {
  return new SupervisorError(`${who}: ${what}`);
}
