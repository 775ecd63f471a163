import { BoundedMap } from '../bounded-map.js';
import {
  ForgeError,
  type ChainCommit,
  type FileAt,
  type Forge,
  type PullRequest,
  type Review,
} from '../forge.js';
import {
  readAccount,
  readCommits,
  readContent,
  readFolder,
  readPullRequest,
  readRef,
  readReviews,
  type Answer,
} from './answers.js';
import type { Parameters, Requests } from './requests.js';

const PER_PAGE = 100;
const REVIEW_PAGES_MAX = 10;
/** GitHub lists no more of a folder than this. */
const FOLDER_ENTRIES_MAX = 1000;
const KNOWN_COMMITS_MAX = 50_000;
const MAY_WRITE = /^(?:admin|write)$/;

/** One repository on GitHub, read over its REST API. What a commit's id fixes is asked for once. */
export class GitHub implements Forge {
  private readonly place: { readonly owner: string; readonly repo: string };
  private readonly known = new BoundedMap<string, ChainCommit>(KNOWN_COMMITS_MAX);
  private readonly descents = new BoundedMap<string, boolean>(1000);

  /** @param repository owner/name */
  constructor(
    private readonly requests: Requests,
    private readonly repository: string,
  ) {
    const [owner = '', repo = ''] = repository.split('/');
    this.place = { owner, repo };
  }

  async head(branch: string): Promise<string> {
    const ref = `heads/${branch}`;
    const sha = await this.get('/git/ref/{ref}', { ref }, (answer) => readRef(answer, `refs/${ref}`));
    if (sha !== undefined) return sha;
    const there = await this.get('', {}, (answer) => answer.field('full_name').text());
    if (there === undefined)
      throw new ForgeError('RepositoryMissing', `GitHub has no repository ${this.repository}.`);
    throw new ForgeError('BranchMissing', `The repository ${this.repository} has no branch ${branch}.`);
  }

  async commits(from: string): Promise<readonly ChainCommit[]> {
    const known = this.known.get(from);
    if (known !== undefined) return [known];
    const asked = { sha: from, per_page: PER_PAGE };
    const commits = this.there(
      await this.get('/commits', asked, (answer) => readCommits(answer, from)),
      from,
    );
    for (const commit of commits) this.known.set(commit.sha, commit);
    return commits;
  }

  async file(path: string, commit: string): Promise<FileAt> {
    const file = await this.get('/contents/{path}', { path, ref: commit }, (answer) => {
      return readContent(answer, path);
    });
    if (file !== undefined) return file;
    await this.proveMissing(path, commit);
    return { kind: 'missing' };
  }

  async descends(commit: string, ancestor: string): Promise<boolean> {
    if (commit === ancestor) return true;
    const basehead = `${ancestor}...${commit}`;
    const known = this.descents.get(basehead);
    if (known !== undefined) return known;
    const asked = { basehead, per_page: 1, page: 2 };
    const status = await this.get('/compare/{basehead}', asked, (answer) => {
      return answer.field('status').text(/^(?:ahead|behind|diverged|identical)$/);
    });
    // GitHub does not know the old commit any more, or sees no history in common.
    if (status === undefined) return false;
    const descends = status === 'ahead' || status === 'identical';
    this.descents.set(basehead, descends);
    return descends;
  }

  async pullRequestsOf(commit: string): Promise<readonly number[]> {
    const asked = { commit_sha: commit, per_page: PER_PAGE };
    const read = (answer: Answer) => answer.items().map((item) => item.field('number').count());
    return this.there(await this.get('/commits/{commit_sha}/pulls', asked, read), commit);
  }

  async pullRequest(number: number): Promise<PullRequest> {
    const asked = { pull_number: number };
    const pull = await this.get('/pulls/{pull_number}', asked, (answer) => readPullRequest(answer, number));
    return this.there(pull, `pull request #${number}`);
  }

  async reviews(number: number): Promise<readonly Review[]> {
    const reviews: Review[] = [];
    for (let page = 1; page <= REVIEW_PAGES_MAX; page++) {
      const asked = { pull_number: number, per_page: PER_PAGE, page };
      const some = this.there(
        await this.get('/pulls/{pull_number}/reviews', asked, readReviews),
        `#${number}`,
      );
      reviews.push(...some);
      if (some.length < PER_PAGE) return reviews;
    }
    throw new ForgeError('ForgeNonsense', `Pull request #${number} has more than ${reviews.length} reviews.`);
  }

  async mayWrite(login: string): Promise<boolean> {
    const permission = await this.get(
      '/collaborators/{username}/permission',
      { username: login },
      (answer) => {
        const user = answer.field('user').nullable(readAccount);
        if (user !== null && user.login.toLowerCase() !== login.toLowerCase())
          throw answer.field('user').wrong(login);
        return answer.field('permission').text();
      },
    );
    return permission !== undefined && MAY_WRITE.test(permission);
  }

  /** A 404 alone may mean a right that was lost. A file is missing only if its folder can be seen, without it. */
  private async proveMissing(path: string, commit: string): Promise<void> {
    const cut = path.lastIndexOf('/');
    const folder = cut === -1 ? '' : path.slice(0, cut);
    const names = await this.get('/contents/{folder}', { folder, ref: commit }, (answer) => {
      return answer.isList ? readFolder(answer, folder) : [];
    });
    if (names === undefined) {
      if (folder === '')
        throw new ForgeError('RepositoryMissing', `GitHub does not show ${this.repository} at ${commit}.`);
      return this.proveMissing(folder, commit);
    }
    const contradicts = names.length < FOLDER_ENTRIES_MAX && names.includes(path.slice(cut + 1));
    if (contradicts)
      throw new ForgeError('ForgeNonsense', `GitHub lists ${path} and says that it is not there.`);
  }

  private get<T>(path: string, parameters: Parameters, read: (answer: Answer) => T): Promise<T | undefined> {
    return this.requests.get(`GET /repos/{owner}/{repo}${path}`, { ...this.place, ...parameters }, read);
  }

  /** For what GitHub itself named a moment ago. */
  private there<T>(value: T | undefined, what: string): T {
    if (value === undefined)
      throw new ForgeError('ForgeNonsense', `GitHub named ${what}, and says that it is not there.`);
    return value;
  }
}
