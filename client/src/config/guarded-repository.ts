import type { ConsensusSettings } from '@aegis/replica/settings';
import { judgeDocument, sameButForConsensus, type Owner } from './document.js';
import { SocketError } from './errors.js';
import type { BranchChange, ConfigRepository, GitRepository } from './repository.js';

/** Branches that the agent may write, and nothing else. */
const BRANCH = /^aegis\/tuning\/[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const PREFIX = 'aegis/tuning/';
const POSTMORTEMS = `${PREFIX}postmortems`;
const POSTMORTEM = /^postmortems\/[a-z0-9][a-z0-9-]{0,150}\.md$/;
const BRANCH_CHARACTERS_MAX = 244;
const BRANCHES_MAX = 64;
const FILE_CHARACTERS_MAX = 256 * 1024;
const MESSAGE_CHARACTERS_MAX = 8 * 1024;
const COMMIT = /^[0-9a-f]{40}$/;

export interface GuardOptions {
  readonly base: string;
  /** The settings file. */
  readonly path: string;
  readonly owner: Owner;
  /** What the cluster runs, and ran healthy last. */
  readonly running: () => ConsensusSettings;
  readonly lastHealthy: () => ConsensusSettings | undefined;
}

/**
 * A repository as the agent gets it: it reads, and writes its own branches. A proposal is one commit on the present head of the base: the
 * settings file, different in safe settings alone, and the page that explains it. Throws SocketError for everything else.
 */
export class GuardedRepository implements ConfigRepository {
  constructor(
    private readonly repository: GitRepository,
    private readonly options: GuardOptions,
  ) {}

  async head(branch: string): Promise<string | undefined> {
    if (branch !== this.options.base) ownBranch(branch);
    return this.repository.head(branch);
  }

  async parent(commit: string): Promise<string | undefined> {
    return this.repository.parent(isCommit(commit));
  }

  async file(commit: string, path: string): Promise<string | undefined> {
    // Git takes no path that leads out of a commit's tree.
    return this.repository.file(isCommit(commit), path);
  }

  async message(commit: string): Promise<string> {
    return this.repository.message(isCommit(commit));
  }

  async merged(commit: string) {
    return this.repository.merged(isCommit(commit));
  }

  async conflicts(commit: string): Promise<boolean> {
    return this.repository.conflicts(isCommit(commit));
  }

  async write(change: BranchChange): Promise<string> {
    const branch = ownBranch(change.branch);
    if (change.from !== undefined) isCommit(change.from);
    if (change.parent !== undefined) isCommit(change.parent);
    bounded('message', change.message, MESSAGE_CHARACTERS_MAX);
    for (const [path, text] of Object.entries(change.files)) bounded(path, text, FILE_CHARACTERS_MAX);
    if (branch === POSTMORTEMS) await this.judgePostmortem(change);
    else await this.judgeProposal(change);
    const at = await this.repository.head(branch);
    if (at !== change.from)
      throw new SocketError('HeadMoved', `${branch} is at ${at ?? 'no commit'}: look again`);
    if (at === undefined && (await this.repository.branches(PREFIX)).length >= BRANCHES_MAX)
      throw new SocketError(
        'TooMany',
        `there are ${BRANCHES_MAX} proposals already: delete branches of old ones`,
      );
    return this.repository.write(change);
  }

  async remove(branch: string, from: string): Promise<void> {
    if (ownBranch(branch) === POSTMORTEMS) throw refused(`${POSTMORTEMS} is kept`);
    await this.repository.remove(branch, isCommit(from));
  }

  /** A file more or a newer one, on top of those that are there. */
  private async judgePostmortem({ parent, from, files }: BranchChange): Promise<void> {
    if (parent !== from) throw refused('a postmortem is committed on top of the others');
    const paths = Object.keys(files);
    if (paths.length !== 1 || !POSTMORTEM.test(paths[0]!))
      throw refused('a postmortem is one file: postmortems/NAME.md');
  }

  private async judgeProposal({ branch, parent, files }: BranchChange): Promise<void> {
    const { base, path, owner, running, lastHealthy } = this.options;
    const page = `proposals/${branch.slice(PREFIX.length)}.md`;
    const { [path]: settings, [page]: note, ...more } = files;
    if (settings === undefined || note === undefined || Object.keys(more).length > 0)
      throw refused(`a proposal on ${branch} is two files: ${path} and ${page}`);
    const head = await this.repository.head(base);
    if (head === undefined || parent !== head)
      throw new SocketError('HeadMoved', `${base} is at ${head ?? 'no commit'}: propose on top of that`);
    const judged = judgeDocument(settings, owner, running(), lastHealthy());
    if (judged.kind === 'refused') throw refused(`${judged.reason}: ${judged.message}`);
    const before = await this.repository.file(head, path);
    if (before === undefined || !sameButForConsensus(before, settings))
      throw refused(`a proposal changes spec.consensus of ${path}, and nothing else in it`);
  }
}

function ownBranch(branch: string): string {
  if (BRANCH.test(branch) && branch.length <= BRANCH_CHARACTERS_MAX) return branch;
  const shown = JSON.stringify(branch.slice(0, 100));
  throw new SocketError('BranchForbidden', `${shown} is no branch of the agent's: they begin with ${PREFIX}`);
}

function isCommit(name: string): string {
  if (COMMIT.test(name)) return name;
  throw new SocketError('InvalidRequest', `${JSON.stringify(name.slice(0, 50))} is no commit's full name`);
}

function bounded(what: string, text: string, max: number): void {
  if (text.includes('\0')) throw refused(`${what} holds a zero byte`);
  if (text.length > max)
    throw new SocketError('TooLarge', `${what} has ${text.length} characters; at most ${max} are taken`);
}

function refused(message: string): SocketError {
  return new SocketError('Refused', message);
}
