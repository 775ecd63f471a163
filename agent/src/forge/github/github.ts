import { ForgeError } from '@aegis/operator/github';
import type { Family } from '@aegis/replica/settings';
import { block, replaceBlock } from '../block.js';
import { editSettings } from '../edit.js';
import type {
  Forge,
  IssueState,
  PostmortemPage,
  ProposalPage,
  Published,
  RequestState,
  Target,
} from '../forge.js';
import { branchOf, digestOf, sha256 } from '../names.js';
import { baseHead, branchHead, isUntouched, moveBranch, settingsAt, type BranchHead } from './branch.js';
import { refuseIfItMayMerge, whoAmI } from './identity.js';
import { writePostmortem } from './postmortems.js';
import type { Place } from './place.js';
import { newestPull, readPull, type Pull } from './pulls.js';
import { Requests, type Surroundings } from './requests.js';

export interface GitHubOptions {
  readonly apiUrl: string;
  /** owner/name of the repository with the settings. */
  readonly repository: string;
  readonly base: string;
  /** The settings file. */
  readonly path: string;
  /** Of a machine account, or what an App's installation was given. */
  readonly token: () => Promise<string>;
  /** `slug[bot]` of an App. Undefined: a machine account that works from its fork. */
  readonly appLogin?: string | undefined;
  readonly surroundings?: Partial<Surroundings> | undefined;
}

/** In the body: the digest of what the request was opened with, so that what a person closed is known again. */
const DIGEST = /<!-- aegis-proposal ([0-9a-f]{64}) -->/;

/** Pull requests and issues on GitHub. It remembers nothing: what is there is looked up each time. */
export class GitHubForge implements Forge {
  private readonly requests: Requests;
  private place: Place | undefined;

  constructor(private readonly options: GitHubOptions) {
    this.requests = new Requests(options.apiUrl, options.token, options.surroundings);
  }

  async check(): Promise<void> {
    const [owner = '', repo = ''] = this.options.repository.split('/');
    const { base, path, appLogin } = this.options;
    const place = { owner, repo, base, path, ...(await whoAmI(this.requests, appLogin)) };
    await refuseIfItMayMerge(this.requests, place);
    this.place = place;
  }

  async publish(page: ProposalPage): Promise<Published> {
    const place = this.checked();
    const branch = branchOf(page.target, page.family);
    const base = await baseHead(this.requests, place);
    const content = editSettings(await settingsAt(this.requests, place, base), page.target, page.patch);
    const pull = await newestPull(this.requests, place, branch);
    const head = await branchHead(this.requests, place, branch);
    const takenOver = head !== undefined && !(await isUntouched(this.requests, place, head));
    if (pull?.state === 'Closed' && DIGEST.exec(pull.body ?? '')?.[1] === digestOf(page))
      return { ...stateFrom(pull, branch, takenOver), did: 'nothing' };
    if (takenOver && pull?.state === 'Open')
      return { ...stateFrom(pull, branch, takenOver), did: 'left-to-its-human' };
    const moved = !stands(head, base, content);
    if (moved) await moveBranch(this.requests, place, branch, base, content, page.title, head !== undefined);
    if (pull?.state === 'Open') return this.updated(place, branch, pull, page, moved);
    const opened = await this.open(place, branch, page);
    await this.label(place, opened.number, page.labels);
    return { ...stateFrom(opened, branch, false), did: 'opened' };
  }

  async stateOf(target: Target, family: Family): Promise<RequestState | undefined> {
    const place = this.checked();
    const branch = branchOf(target, family);
    const pull = await newestPull(this.requests, place, branch);
    if (pull === undefined) return undefined;
    const head = pull.state === 'Open' ? await branchHead(this.requests, place, branch) : undefined;
    const takenOver = head !== undefined && !(await isUntouched(this.requests, place, head));
    return stateFrom(pull, branch, takenOver);
  }

  async withdraw(target: Target, family: Family, reason: string): Promise<RequestState | undefined> {
    const state = await this.stateOf(target, family);
    if (state?.number === undefined || state.state !== 'Open' || state.takenOver) return state;
    const { owner, repo } = this.checked();
    const at = { owner, repo, pull_number: state.number };
    const { answer } = await this.requests.send('GET /repos/{owner}/{repo}/pulls/{pull_number}', at);
    const said = block('withdrawn', 'closed', `**Closed by the agent:** ${reason}`);
    const body = `${readPull(answer).body ?? ''}\n\n${said}`;
    const { answer: closed } = await this.requests.send('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
      ...at,
      state: 'closed',
      body,
    });
    return stateFrom(readPull(closed), state.branch, false);
  }

  postmortem(page: PostmortemPage): Promise<IssueState> {
    return writePostmortem(this.requests, this.checked(), page);
  }

  private async open(place: Place, branch: string, page: ProposalPage): Promise<Pull> {
    const { owner, repo, base, kind, login } = place;
    const head = kind === 'App' ? branch : `${login}:${branch}`;
    const body = bodyOf(branch, page);
    const { status, answer } = await this.requests.send(
      'POST /repos/{owner}/{repo}/pulls',
      { owner, repo, title: page.title, head, base, body, maintainer_can_modify: true },
      [422],
    );
    if (status !== 422) return readPull(answer);
    // Somebody, or an earlier life of the agent, was quicker.
    const there = await newestPull(this.requests, place, branch);
    if (there?.state === 'Open') return there;
    throw new ForgeError(
      'ForgeNonsense',
      `GitHub refuses a request from ${head} into ${base}, and there is none.`,
    );
  }

  /** Labels are a convenience: GitHub lets only those set them who may triage. */
  private async label({ owner, repo }: Place, number: number, labels: readonly string[]): Promise<void> {
    const at = { owner, repo, issue_number: number };
    await this.requests.send(
      'POST /repos/{owner}/{repo}/issues/{issue_number}/labels',
      { ...at, labels },
      [403, 404],
    );
  }

  private async updated(
    place: Place,
    branch: string,
    pull: Pull,
    page: ProposalPage,
    moved: boolean,
  ): Promise<Published> {
    const { owner, repo } = place;
    await this.label(place, pull.number, page.labels);
    const kind = 'proposal';
    const body = replaceBlock(pull.body, kind, branch, contentOf(page));
    const same = body === undefined || body === (pull.body ?? '').replaceAll('\r\n', '\n');
    if (!same) {
      const at = { owner, repo, pull_number: pull.number };
      await this.requests.send('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
        ...at,
        body,
        title: page.title,
      });
    }
    const now = moved ? ((await newestPull(this.requests, place, branch)) ?? pull) : pull;
    return { ...stateFrom(now, branch, false), did: moved || !same ? 'updated' : 'nothing' };
  }

  private checked(): Place {
    if (this.place === undefined) throw new Error('check() comes before everything else');
    return this.place;
  }
}

/** Whether the branch is one commit on top of the base with this content. */
function stands(head: BranchHead | undefined, base: string, content: string): boolean {
  return head !== undefined && head.contentDigest === sha256(content) && head.parents[0] === base;
}

function contentOf(page: ProposalPage): string {
  return `<!-- aegis-proposal ${digestOf(page)} -->\n${page.body}`;
}

function bodyOf(branch: string, page: ProposalPage): string {
  return block('proposal', branch, contentOf(page));
}

function stateFrom(pull: Pull, branch: string, takenOver: boolean): RequestState {
  const { number, url, state, head, mergedBy, commit, conflicts } = pull;
  return {
    number,
    url,
    branch,
    state,
    head,
    takenOver,
    ...(mergedBy === undefined ? {} : { mergedBy }),
    ...(commit === undefined ? {} : { commit }),
    ...(conflicts === undefined ? {} : { conflicts }),
  };
}
