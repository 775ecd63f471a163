import type { Entry } from '../git/repository.js';
import type { Schemas } from '../http/api-types.js';
import type { Repository } from '../model/repository.js';
import { repositoryUrl } from './repository.js';

/** Larger files come without their content. */
const CONTENT_BYTES_MAX = 1024 * 1024;
const SYMLINK = '120000';

export async function contentShape(api: string, repository: Repository, entry: Entry, ref: string) {
  if (entry.type === 'commit') return submodule(api, repository, entry, ref);
  const bytes = await repository.git.blob(entry.sha);
  if (entry.mode === SYMLINK) return symlink(api, repository, entry, ref, bytes.toString());
  return file(api, repository, entry, ref, bytes);
}

function file(
  api: string,
  repository: Repository,
  entry: Entry,
  ref: string,
  bytes: Buffer,
): Schemas['content-file'] {
  const inside = bytes.length <= CONTENT_BYTES_MAX;
  // As GitHub wraps it: 60 characters a line.
  const base64 = bytes.toString('base64').replace(/.{1,60}/g, '$&\n');
  return {
    ...place(api, repository, entry, ref),
    type: 'file',
    encoding: inside ? 'base64' : 'none',
    content: inside ? base64 : '',
  };
}

function symlink(
  api: string,
  repository: Repository,
  entry: Entry,
  ref: string,
  target: string,
): Schemas['content-symlink'] {
  return { ...place(api, repository, entry, ref), type: 'symlink', target };
}

function submodule(
  api: string,
  repository: Repository,
  entry: Entry,
  ref: string,
): Schemas['content-submodule'] {
  return {
    ...place(api, repository, entry, ref),
    type: 'submodule',
    submodule_git_url: 'https://github.com/other',
  };
}

export function folderShape(
  api: string,
  repository: Repository,
  entries: readonly Entry[],
  ref: string,
): Schemas['content-directory'] {
  return entries.map((entry) => ({
    ...place(api, repository, entry, ref),
    type:
      entry.type === 'tree'
        ? 'dir'
        : entry.type === 'commit'
          ? 'submodule'
          : entry.mode === SYMLINK
            ? 'symlink'
            : 'file',
  }));
}

function place(api: string, repository: Repository, { path, sha, size, type }: Entry, ref: string) {
  const base = repositoryUrl(api, repository);
  const self = `${base}/contents/${path}?ref=${ref}`;
  const git = `${base}/git/${type}s/${sha}`;
  const html = `https://github.com/${repository.fullName}/${type}/${ref}/${path}`;
  return {
    size,
    name: path.split('/').at(-1)!,
    path,
    sha,
    url: self,
    git_url: git,
    html_url: html,
    download_url: type === 'blob' ? `${html}?raw=1` : null,
    _links: { git, html, self },
  };
}
