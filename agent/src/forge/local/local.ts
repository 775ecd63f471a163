import { GitRepository, type ConfigRepository } from '@aegis/client/config';
import type { Family } from '@aegis/replica/settings';
import { editSettings } from '../edit.js';
import {
  ForgeRefusal,
  type Forge,
  type IssueState,
  type PostmortemPage,
  type ProposalPage,
  type Published,
  type RequestState,
  type Target,
} from '../forge.js';
import { branchOf, BRANCHES, ownBranch, sha256, trailerOf } from '../names.js';

export interface LocalOptions {
  /** A bare repository. */
  readonly dir: string;
  readonly base: string;
  /** The settings file in it. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How the repository is reached; left out: through git, by this process. */
  readonly repository?: ConfigRepository;
}

const TRAILER = /^Aegis-Content: ([0-9a-f]{64})$/m;
const POSTMORTEMS = `${BRANCHES}postmortems`;

/**
 * The forge of a machine without one: a proposal is a branch of a bare repository with the edited settings and a Markdown file; who merges
 * it into the base and pushes has merged it, who deletes it has closed it. Postmortems are files of a branch of their own. Only branches
 * under aegis/tuning/ are ever written.
 */
export class LocalForge implements Forge {
  private readonly repository: ConfigRepository;

  constructor(private readonly options: LocalOptions) {
    this.repository = options.repository ?? new GitRepository(options);
  }

  async check(): Promise<void> {
    const { dir, base } = this.options;
    if (this.repository instanceof GitRepository && !(await this.repository.isBare()))
      throw new ForgeRefusal('RulesUnknown', `${dir} is no bare repository.`);
    if ((await this.repository.head(base)) === undefined)
      throw new ForgeRefusal(
        'FileMissing',
        `${dir} has no branch ${base}: the settings are committed there first.`,
      );
  }

  async publish(page: ProposalPage): Promise<Published> {
    const branch = branchOf(page.target, page.family);
    const base = await this.repository.head(this.options.base);
    const text = base === undefined ? undefined : await this.repository.file(base, this.options.path);
    if (base === undefined || text === undefined)
      throw new ForgeRefusal(
        'FileMissing',
        `${this.options.path} is not on ${this.options.base}: it was moved, or never there.`,
      );
    const content = editSettings(text, page.target, page.patch);
    const markdown = `# ${page.title}\n\n${page.body}\n`;
    const before = await this.repository.head(branch);
    if (before !== undefined) {
      const state = await this.stateAt(branch, before);
      if (state.takenOver && state.state === 'Open') return { ...state, did: 'left-to-its-human' };
      const [settings, note] = [
        await this.repository.file(before, this.options.path),
        await this.repository.file(before, noteOf(branch)),
      ];
      const parent = await this.repository.parent(before);
      if (settings === content && note === markdown && parent === base) return { ...state, did: 'nothing' };
    }
    const message = `${page.title}\n\n${trailerOf(content)}`;
    const files = { [this.options.path]: content, [noteOf(branch)]: markdown };
    // Only from where it was seen: whoever pushed meanwhile is not overwritten.
    const head = await this.repository.write({ branch, parent: base, from: before, files, message });
    return { ...(await this.stateAt(branch, head)), did: before === undefined ? 'opened' : 'updated' };
  }

  async stateOf(target: Target, family: Family): Promise<RequestState | undefined> {
    const branch = branchOf(target, family);
    const head = await this.repository.head(branch);
    return head === undefined ? undefined : this.stateAt(branch, head);
  }

  async withdraw(target: Target, family: Family): Promise<RequestState | undefined> {
    const state = await this.stateOf(target, family);
    if (state === undefined || state.state !== 'Open' || state.takenOver) return state;
    await this.repository.remove(ownBranch(state.branch), state.head);
    return { ...state, state: 'Closed' };
  }

  async postmortem(page: PostmortemPage): Promise<IssueState> {
    const path = `postmortems/${page.target.clusterId}-${sha256(page.incident).slice(0, 12)}.md`;
    const url = `${this.options.dir}#${POSTMORTEMS}:${path}`;
    const markdown = `# ${page.title}\n\n${page.body}\n`;
    const before = await this.repository.head(POSTMORTEMS);
    const there = before === undefined ? undefined : await this.repository.file(before, path);
    if (there === markdown) return { number: undefined, url, did: 'nothing' };
    const files = { [path]: markdown };
    const message = page.title;
    await this.repository.write({ branch: POSTMORTEMS, parent: before, from: before, files, message });
    return { number: undefined, url, did: there === undefined ? 'opened' : 'updated' };
  }

  private async stateAt(branch: string, head: string): Promise<RequestState> {
    const { dir, path } = this.options;
    const url = `${dir}#${branch}`;
    const digest = TRAILER.exec(await this.repository.message(head))?.[1];
    const content = await this.repository.file(head, path);
    const takenOver = digest === undefined || content === undefined || sha256(content) !== digest;
    const state = { number: undefined, url, branch, head, takenOver };
    const merged = await this.repository.merged(head);
    if (merged !== undefined)
      return { ...state, state: 'Merged', commit: merged.commit, mergedBy: merged.by };
    return { ...state, state: 'Open', conflicts: await this.repository.conflicts(head) };
  }
}

function noteOf(branch: string): string {
  return `proposals/${branch.slice(BRANCHES.length)}.md`;
}
