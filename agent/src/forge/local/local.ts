import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { git } from './git.js';

export interface LocalOptions {
  /** A bare repository. */
  readonly dir: string;
  readonly base: string;
  /** The settings file in it. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const AGENT = { name: 'AEGIS agent', email: 'agent@aegis.invalid' };
const TRAILER = /^Aegis-Content: ([0-9a-f]{64})$/m;
const POSTMORTEMS = `${BRANCHES}postmortems`;

/**
 * The forge of a machine without one: a proposal is a branch of a bare repository with the edited settings and a Markdown file; who merges
 * it into the base and pushes has merged it, who deletes it has closed it. Postmortems are files of a branch of their own. Only branches
 * under aegis/tuning/ are ever written.
 */
export class LocalForge implements Forge {
  constructor(private readonly options: LocalOptions) {}

  async check(): Promise<void> {
    const { dir, base } = this.options;
    if ((await this.run(['rev-parse', '--is-bare-repository'])).trim() !== 'true')
      throw new ForgeRefusal('RulesUnknown', `${dir} is no bare repository.`);
    if ((await this.resolve(base)) === undefined)
      throw new ForgeRefusal(
        'FileMissing',
        `${dir} has no branch ${base}: the settings are committed there first.`,
      );
  }

  async publish(page: ProposalPage): Promise<Published> {
    const branch = branchOf(page.target, page.family);
    const base = await this.resolve(this.options.base);
    const text = base === undefined ? undefined : await this.file(base, this.options.path);
    if (base === undefined || text === undefined)
      throw new ForgeRefusal(
        'FileMissing',
        `${this.options.path} is not on ${this.options.base}: it was moved, or never there.`,
      );
    const content = editSettings(text, page.target, page.patch);
    const markdown = `# ${page.title}\n\n${page.body}\n`;
    const before = await this.resolve(branch);
    if (before !== undefined) {
      const state = await this.stateAt(branch, before);
      if (state.takenOver && state.state === 'Open') return { ...state, did: 'left-to-its-human' };
      const [settings, note] = [
        await this.file(before, this.options.path),
        await this.file(before, noteOf(branch)),
      ];
      const parent = await this.resolve(`${before}^`);
      if (settings === content && note === markdown && parent === base) return { ...state, did: 'nothing' };
    }
    const message = `${page.title}\n\n${trailerOf(content)}`;
    const files = { [this.options.path]: content, [noteOf(branch)]: markdown };
    const head = await this.commit(base, files, message);
    await this.move(branch, head, before);
    return { ...(await this.stateAt(branch, head)), did: before === undefined ? 'opened' : 'updated' };
  }

  async stateOf(target: Target, family: Family): Promise<RequestState | undefined> {
    const branch = branchOf(target, family);
    const head = await this.resolve(branch);
    return head === undefined ? undefined : this.stateAt(branch, head);
  }

  async withdraw(target: Target, family: Family): Promise<RequestState | undefined> {
    const state = await this.stateOf(target, family);
    if (state === undefined || state.state !== 'Open' || state.takenOver) return state;
    await this.run(['update-ref', '-d', `refs/heads/${ownBranch(state.branch)}`, state.head]);
    return { ...state, state: 'Closed' };
  }

  async postmortem(page: PostmortemPage): Promise<IssueState> {
    const path = `postmortems/${page.target.clusterId}-${sha256(page.incident).slice(0, 12)}.md`;
    const url = `${this.options.dir}#${POSTMORTEMS}:${path}`;
    const markdown = `# ${page.title}\n\n${page.body}\n`;
    const before = await this.resolve(POSTMORTEMS);
    const there = before === undefined ? undefined : await this.file(before, path);
    if (there === markdown) return { number: undefined, url, did: 'nothing' };
    const head = await this.commit(before, { [path]: markdown }, page.title);
    await this.move(POSTMORTEMS, head, before);
    return { number: undefined, url, did: there === undefined ? 'opened' : 'updated' };
  }

  private async stateAt(branch: string, head: string): Promise<RequestState> {
    const { base, dir, path } = this.options;
    const url = `${dir}#${branch}`;
    const merged = await this.run(['merge-base', '--is-ancestor', head, `refs/heads/${base}`], [1]);
    const message = await this.run(['log', '-1', '--format=%B', head]);
    const digest = TRAILER.exec(message)?.[1];
    const content = await this.file(head, path);
    const takenOver = digest === undefined || content === undefined || sha256(content) !== digest;
    if (merged === '') {
      const found = await this.run([
        'log',
        '--first-parent',
        '--reverse',
        '--ancestry-path',
        '--format=%H %cn',
        `${head}..refs/heads/${base}`,
      ]);
      const [commit = head, ...name] = found
        .split('\n')[0]!
        .split(' ')
        .filter((word) => word !== '');
      const mergedBy = name.join(' ') || (await this.run(['log', '-1', '--format=%cn', commit])).trim();
      return { number: undefined, url, branch, head, takenOver, state: 'Merged', commit, mergedBy };
    }
    const conflicts =
      (await this.maybe(['merge-tree', '--write-tree', `refs/heads/${base}`, head], [1])) === undefined;
    return { number: undefined, url, branch, head, takenOver, state: 'Open', conflicts };
  }

  private async resolve(revision: string): Promise<string | undefined> {
    const name = /^[0-9a-f]{40,64}\^?$/.test(revision) ? revision : `refs/heads/${revision}`;
    return (await this.maybe(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], [1, 128]))?.trim();
  }

  private file(commit: string, path: string): Promise<string | undefined> {
    return this.maybe(['cat-file', 'blob', `${commit}:${path}`], [128]);
  }

  /** One commit with these files on top of another one, on no branch yet. */
  private async commit(
    parent: string | undefined,
    files: Readonly<Record<string, string>>,
    message: string,
  ): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'aegis-index-'));
    try {
      const env = { GIT_INDEX_FILE: join(folder, 'index') };
      await git(this.options.dir, parent === undefined ? ['read-tree', '--empty'] : ['read-tree', parent], {
        env,
      });
      const lines: string[] = [];
      for (const [path, content] of Object.entries(files)) {
        const blob = await git(this.options.dir, ['hash-object', '-w', '--stdin'], { input: content });
        lines.push(`100644 ${blob!.trim()}\t${path}\0`);
      }
      await git(this.options.dir, ['update-index', '-z', '--index-info'], { env, input: lines.join('') });
      const tree = await git(this.options.dir, ['write-tree'], { env });
      const date = new Date((this.options.now ?? Date.now)()).toISOString();
      const who = Object.fromEntries(
        ['AUTHOR', 'COMMITTER'].flatMap((role) => [
          [`GIT_${role}_NAME`, AGENT.name],
          [`GIT_${role}_EMAIL`, AGENT.email],
          [`GIT_${role}_DATE`, date],
        ]),
      );
      const parents = parent === undefined ? [] : ['-p', parent];
      const commit = await git(this.options.dir, ['commit-tree', tree!.trim(), ...parents], {
        env: who,
        input: message,
      });
      return commit!.trim();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Only from where it was seen: whoever pushed meanwhile is not overwritten. */
  private async move(branch: string, to: string, from: string | undefined): Promise<void> {
    await this.run(['update-ref', `refs/heads/${ownBranch(branch)}`, to, from ?? '0'.repeat(40)]);
  }

  private async run(args: readonly string[], accept: readonly number[] = []): Promise<string> {
    return (await git(this.options.dir, args, { accept })) ?? 'no';
  }

  private maybe(args: readonly string[], accept: readonly number[]): Promise<string | undefined> {
    return git(this.options.dir, args, { accept });
  }
}

function noteOf(branch: string): string {
  return `proposals/${branch.slice(BRANCHES.length)}.md`;
}
