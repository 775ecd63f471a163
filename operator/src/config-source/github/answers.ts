import { createHash } from 'node:crypto';
import {
  ForgeError,
  type Account,
  type ChainCommit,
  type FileAt,
  type PullRequest,
  type Review,
} from '../forge.js';

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const STATES = /^[A-Z_]{1,40}$/;

/** Reads the fields that are used out of GitHub's answers. Each throws ForgeError for another shape than GitHub's. */
export class Answer {
  constructor(
    private readonly value: unknown,
    private readonly place: string,
  ) {}

  field(name: string): Answer {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      throw this.wrong('a mapping');
    return new Answer((this.value as Record<string, unknown>)[name], `${this.place}.${name}`);
  }

  items(): Answer[] {
    if (!Array.isArray(this.value)) throw this.wrong('a list');
    return this.value.map((item: unknown, i) => new Answer(item, `${this.place}[${i}]`));
  }

  text(pattern = /[^]/): string {
    if (typeof this.value !== 'string' || !pattern.test(this.value))
      throw this.wrong(`a text like ${pattern}`);
    return this.value;
  }

  sha(): string {
    return this.text(SHA);
  }

  count(): number {
    if (!Number.isSafeInteger(this.value) || (this.value as number) < 0) throw this.wrong('a whole number');
    return this.value as number;
  }

  flag(): boolean {
    if (typeof this.value !== 'boolean') throw this.wrong('true or false');
    return this.value;
  }

  /** Null stays null; a missing field is not null. */
  nullable<T>(read: (answer: Answer) => T): T | null {
    return this.value === null ? null : read(this);
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  wrong(expected: string): ForgeError {
    const kind =
      this.value === null ? 'null' : Array.isArray(this.value) ? 'a list' : `a ${typeof this.value}`;
    return new ForgeError(
      'ForgeNonsense',
      `The answer is none of GitHub's: ${this.place} must be ${expected}, is ${kind}.`,
    );
  }
}

export function readRef(answer: Answer, ref: string): string {
  const named = answer.field('ref');
  if (named.text() !== ref) throw named.wrong(ref);
  const object = answer.field('object');
  object.field('type').text(/^commit$/);
  return object.field('sha').sha();
}

export function readCommits(answer: Answer, from: string): ChainCommit[] {
  const commits = answer.items().map((item) => {
    const parents = item.field('parents').items();
    return { sha: item.field('sha').sha(), parents: parents.map((parent) => parent.field('sha').sha()) };
  });
  if (commits[0]?.sha !== from) throw answer.wrong(`a list that begins with ${from}`);
  return commits;
}

/** A file's text. Its id is the digest of its bytes, so that a wrong text is noticed. */
export function readContent(answer: Answer, path: string): FileAt {
  if (answer.isList) readFolder(answer, path);
  else if (answer.field('path').text() !== path) throw answer.field('path').wrong(path);
  if (answer.isList)
    return { kind: 'unreadable', id: 'folder', why: 'There is a folder where the file should be.' };
  const id = answer.field('sha').sha();
  const type = answer.field('type').text();
  if (type !== 'file') return { kind: 'unreadable', id, why: `There is a ${type} where the file should be.` };
  if (answer.field('encoding').text() !== 'base64') {
    const bytes = answer.field('size').count();
    return { kind: 'unreadable', id, why: `The file is too large to be read: ${bytes} bytes.` };
  }
  const content = answer.field('content');
  const bytes = Buffer.from(content.text(/^[A-Za-z0-9+/=\s]*$/), 'base64');
  const digest = createHash(id.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes);
  if (digest.digest('hex') !== id) throw content.wrong(`the content with the id ${id}`);
  try {
    return { kind: 'text', id, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { kind: 'unreadable', id, why: 'The file is no UTF-8 text.' };
  }
}

/** The names in a folder; git has no empty ones. */
export function readFolder(answer: Answer, folder: string): string[] {
  const begin = folder === '' ? '' : `${folder}/`;
  const items = answer.items();
  if (items.length === 0) throw answer.wrong('the content of a folder');
  return items.map((item) => {
    const name = item.field('name').text();
    const path = item.field('path');
    if (path.text() !== begin + name) throw path.wrong(begin + name);
    return name;
  });
}

export function readPullRequest(answer: Answer, number: number): PullRequest {
  const named = answer.field('number');
  if (named.count() !== number) throw named.wrong(`the number ${number}`);
  const base = answer.field('base');
  return {
    number,
    url: answer.field('html_url').text(/^https?:\/\/\S{1,1000}$/),
    merged: answer.field('merged').flag(),
    mergedBy: answer.field('merged_by').nullable(readAccount),
    mergeCommit: answer.field('merge_commit_sha').nullable((sha) => sha.sha()),
    baseRepository: base
      .field('repo')
      .field('full_name')
      .text(/^[^/\s]+\/[^/\s]+$/),
    baseBranch: base.field('ref').text(),
    head: answer.field('head').field('sha').sha(),
    commits: answer.field('commits').count(),
  };
}

export function readReviews(answer: Answer): Review[] {
  return answer.items().map((item) => ({
    user: item.field('user').nullable(readAccount),
    state: item.field('state').text(STATES),
    commit: item.field('commit_id').nullable((sha) => sha.sha()),
  }));
}

export function readAccount(answer: Answer): Account {
  return {
    login: answer.field('login').text(/^\S{1,128}$/),
    type: answer.field('type').text(/^[A-Za-z]{1,40}$/),
  };
}
