import { ForgeError, readContent, readRef } from '@aegis/operator/github';
import { ForgeRefusal } from '../forge.js';
import { sha256, trailerOf } from '../names.js';
import { headRepository, type Place } from './place.js';
import type { Requests } from './requests.js';

/** Where a branch stands, and whether anybody but the agent has been there. */
export interface BranchHead {
  readonly sha: string;
  readonly parents: readonly string[];
  /** What the agent's trailer says the file has; undefined: the commit is not the agent's. */
  readonly contentDigest: string | undefined;
}

const TRAILER = /^Aegis-Content: ([0-9a-f]{64})$/m;

/** The head of the branch that everything is based on. */
export async function baseHead(requests: Requests, { owner, repo, base }: Place): Promise<string> {
  const ref = `heads/${base}`;
  const { answer } = await requests.send('GET /repos/{owner}/{repo}/git/ref/{ref}', { owner, repo, ref });
  return readRef(answer, `refs/${ref}`);
}

/** The settings file at a commit of the repository. Throws ForgeRefusal if it is not there. */
export async function settingsAt(
  requests: Requests,
  { owner, repo, path }: Place,
  commit: string,
): Promise<string> {
  const { status, answer } = await requests.send(
    'GET /repos/{owner}/{repo}/contents/{path}',
    { owner, repo, path, ref: commit },
    [404],
  );
  if (status === 404)
    throw new ForgeRefusal(
      'FileMissing',
      `${path} is not in ${owner}/${repo}: it was moved, or never there.`,
    );
  const file = readContent(answer, path);
  if (file.kind !== 'text')
    throw new ForgeRefusal('InvalidDocument', `${path}: it is no text that can be read.`);
  return file.text;
}

export async function branchHead(
  requests: Requests,
  place: Place,
  branch: string,
): Promise<BranchHead | undefined> {
  const at = headRepository(place);
  const ref = `heads/${branch}`;
  const { status, answer } = await requests.send(
    'GET /repos/{owner}/{repo}/git/ref/{ref}',
    { ...at, ref },
    [404],
  );
  if (status === 404) return undefined;
  return commitOf(requests, place, readRef(answer, `refs/${ref}`));
}

async function commitOf(requests: Requests, place: Place, sha: string): Promise<BranchHead> {
  const at = headRepository(place);
  const { answer } = await requests.send('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
    ...at,
    commit_sha: sha,
  });
  const parents = answer
    .field('parents')
    .items()
    .map((parent) => parent.field('sha').sha());
  return { sha, parents, contentDigest: TRAILER.exec(answer.field('message').text())?.[1] };
}

/** Whether the file at the head is what its trailer says, so that nobody rewrote the commit. */
export async function isUntouched(requests: Requests, place: Place, head: BranchHead): Promise<boolean> {
  if (head.contentDigest === undefined || head.parents.length !== 1) return false;
  const { owner, repo } = headRepository(place);
  const { status, answer } = await requests.send(
    'GET /repos/{owner}/{repo}/contents/{path}',
    { owner, repo, path: place.path, ref: head.sha },
    [404],
  );
  if (status === 404) return false;
  const file = readContent(answer, place.path);
  return file.kind === 'text' && sha256(file.text) === head.contentDigest;
}

/** Puts the branch onto one commit on top of `base` with this content. The caller has seen that it may. */
export async function moveBranch(
  requests: Requests,
  place: Place,
  branch: string,
  base: string,
  content: string,
  title: string,
  exists: boolean,
): Promise<string> {
  const at = headRepository(place);
  // A fork learns of the base's newest commits by following it; nothing is pushed onto the base itself.
  if (place.kind === 'Fork')
    await requests.send('POST /repos/{owner}/{repo}/merge-upstream', { ...at, branch: place.base });
  const { answer: commit } = await requests.send('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
    ...at,
    commit_sha: base,
  });
  const tree = [{ path: place.path, mode: '100644', type: 'blob', content }];
  const { answer: made } = await requests.send('POST /repos/{owner}/{repo}/git/trees', {
    ...at,
    base_tree: commit.field('tree').field('sha').sha(),
    tree,
  });
  const { answer: written } = await requests.send('POST /repos/{owner}/{repo}/git/commits', {
    ...at,
    message: `${title}\n\n${trailerOf(content)}`,
    tree: made.field('sha').sha(),
    parents: [base],
  });
  const sha = written.field('sha').sha();
  if (exists) {
    await requests.send('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
      ...at,
      ref: `heads/${branch}`,
      sha,
      force: true,
    });
    return sha;
  }
  const { status } = await requests.send(
    'POST /repos/{owner}/{repo}/git/refs',
    { ...at, ref: `refs/heads/${branch}`, sha },
    [422],
  );
  if (status === 422)
    throw new ForgeError(
      'ForgeNonsense',
      `The branch ${branch} appeared while it was being made; the next look takes it up.`,
    );
  return sha;
}
