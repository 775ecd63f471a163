import type { ConsensusSettings } from '@aegis/replica/settings';
import { createHash } from 'node:crypto';
import { sameName, needsReviews, type Authority } from './authority.js';
import { BoundedMap } from './bounded-map.js';
import { fingerprintOf, readFile, type Reading, type Target } from './document.js';
import { ForgeError, type Forge } from './forge.js';
import { GitHub } from './github/github.js';
import { Requests, type Surroundings } from './github/requests.js';
import { readHistory, type Readings } from './history.js';
import { judge, type ClusterFacts, type VerifiedSettings, type Verdict } from './judge.js';
import { conditionOf } from './reasons.js';

/** `spec.configSource` of a cluster, with the token out of its Secret. */
export interface ConfigSource {
  /** owner/name. */
  readonly repository: string;
  readonly branch: string;
  readonly path: string;
  readonly apiUrl: string;
  /** Undefined: asked without. */
  readonly token?: string | undefined;
  readonly allowDirectPush: boolean;
  readonly mergeBots?: readonly string[] | undefined;
  readonly pollSeconds: number;
}

/** What was applied last by merge, as the operator keeps it beside the effective settings. */
export interface AppliedByMerge {
  /** Where it came from: from another repository, branch or path, nothing was applied yet. */
  readonly repository: string;
  readonly branch: string;
  readonly path: string;
  readonly commit: string;
  readonly consensus: Partial<ConsensusSettings>;
}

export interface ConfigQuestion {
  readonly source: ConfigSource;
  readonly cluster: ClusterFacts;
  /** Undefined: the settings that run came from elsewhere. Only the newest change must then have been merged. */
  readonly lastApplied?: AppliedByMerge | undefined;
  /** Settings under which the cluster was available last. */
  readonly lastHealthy?: ConsensusSettings | undefined;
  readonly verified?: readonly VerifiedSettings[] | undefined;
}

/** What to do, and in how many milliseconds to ask again. */
export type ConfigDecision = Verdict & { readonly askAgainMs: number };

export interface ConfigSourcesOptions extends Partial<Surroundings> {
  /** Every login of the agent, as `tuner` or `aegis-agent[bot]`. What it merges is never taken over. */
  readonly agentLogins: readonly string[];
}

interface Poll {
  /** Grows with each look at the head. */
  readonly round: number;
  readonly at: number;
  readonly head: string;
}

const KEPT_READINGS_MAX = 20_000;
const KEPT_FORGES_MAX = 200;
const KEPT_VERDICTS_MAX = 1000;
/** Even a question that went wrong is not asked more often. */
const ASK_AGAIN_MS_MIN = 1000;

/**
 * Config only by merge: says from a branch on GitHub what settings a cluster is to run. Ask as often as you like: a branch
 * is looked at once in pollSeconds, by all clusters together that have the same token.
 */
export class ConfigSources {
  private readonly requests = new BoundedMap<string, Requests>(KEPT_FORGES_MAX);
  private readonly forges = new BoundedMap<string, Forge>(KEPT_FORGES_MAX);
  private readonly polls = new BoundedMap<string, Poll>(KEPT_FORGES_MAX);
  private readonly looking = new Map<string, Promise<Poll>>();
  private readonly readings = new BoundedMap<string, Reading>(KEPT_READINGS_MAX);
  private readonly verdicts = new BoundedMap<string, Verdict>(KEPT_VERDICTS_MAX);
  private readonly surroundings: Surroundings;

  constructor(private readonly options: ConfigSourcesOptions) {
    this.surroundings = { now: options.now ?? Date.now, random: options.random ?? Math.random };
  }

  /** Never throws for what a forge or a document does: that is a verdict, too. */
  async decide(question: ConfigQuestion): Promise<ConfigDecision> {
    const { source } = question;
    try {
      const poll = await this.look(source);
      const verdict = await this.verdictAt(poll, question);
      const unfinished = verdict.outcome === 'hold' && verdict.condition.reason === 'ReadingHistory';
      const next = poll.at + source.pollSeconds * 1000 - this.surroundings.now();
      return { ...verdict, askAgainMs: unfinished ? ASK_AGAIN_MS_MIN : Math.max(ASK_AGAIN_MS_MIN, next) };
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error;
      const place = `${source.repository}, branch ${source.branch}: `;
      const condition = conditionOf(error.reason, place + error.message);
      return { outcome: 'hold', condition, askAgainMs: Math.max(error.waitMs, source.pollSeconds * 1000) };
    }
  }

  /** Looks at a branch now instead of at its time: for a webhook. */
  lookAnew(repository: string, branch: string): void {
    this.polls.deleteWhere((key) => {
      const [, at = '', of = ''] = key.split('\n');
      return sameName(at, repository) && of === branch;
    });
  }

  /** The head, asked for again once the poll is old. Those who ask meanwhile wait for the same answer. */
  private look(source: ConfigSource): Promise<Poll> {
    const key = branchKey(source);
    const last = this.polls.get(key);
    const now = this.surroundings.now();
    if (last !== undefined && now >= last.at && now - last.at < source.pollSeconds * 1000)
      return Promise.resolve(last);
    const running = this.looking.get(key);
    if (running !== undefined) return running;
    const look = this.forgeOf(source)
      .head(source.branch)
      .then((head) => {
        const poll = { round: (last?.round ?? 0) + 1, at: this.surroundings.now(), head };
        this.polls.set(key, poll);
        return poll;
      });
    const settled = look.finally(() => this.looking.delete(key));
    this.looking.set(key, settled);
    return settled;
  }

  /** The same question about the same look has the same answer; only the history may need more reading. */
  private async verdictAt(poll: Poll, question: ConfigQuestion): Promise<Verdict> {
    const key = digest([
      branchKey(question.source),
      poll,
      { ...question, source: { ...question.source, token: '' } },
    ]);
    const kept = this.verdicts.get(key);
    if (kept !== undefined) return kept;
    const verdict = await this.judgeAt(poll.head, question);
    const unfinished = verdict.outcome === 'hold' && verdict.condition.reason === 'ReadingHistory';
    if (!unfinished) this.verdicts.set(key, verdict);
    return verdict;
  }

  private async judgeAt(head: string, question: ConfigQuestion): Promise<Verdict> {
    const { source, cluster, lastHealthy, verified = [] } = question;
    const forge = this.forgeOf(source);
    const authority = this.authorityOf(source);
    const last = appliedFrom(question);
    const readings = this.readingsOf(forge, source, cluster);
    const history = await readHistory(forge, readings, head, last, (request) =>
      needsReviews(request, authority),
    );
    const standards = { cluster, authority, lastFingerprint: last?.fingerprint, lastHealthy, verified };
    return named(judge(history, standards), source);
  }

  private authorityOf({ repository, branch, allowDirectPush, mergeBots = [] }: ConfigSource): Authority {
    return { repository, branch, allowDirectPush, mergeBots, agentLogins: this.options.agentLogins };
  }

  /** What a commit says never changes: it is read once. */
  private readingsOf(forge: Forge, source: ConfigSource, target: Target): Readings {
    const scope = digest([branchKey(source), source.path, target.namespace, target.name]);
    const { readings } = this;
    let fresh = 0;
    return {
      get fresh() {
        return fresh;
      },
      async at(commit) {
        const key = `${scope} ${commit}`;
        const kept = readings.get(key);
        if (kept !== undefined) return kept;
        fresh += 1;
        const reading = readFile(await forge.file(source.path, commit), target);
        readings.set(key, reading);
        return reading;
      },
    };
  }

  /** One way to a GitHub for each address and token, so that all that use it share its limits and its back-off. */
  private forgeOf(source: ConfigSource): Forge {
    const account = accountKey(source);
    let requests = this.requests.get(account);
    if (requests === undefined) {
      requests = new Requests(source.apiUrl, source.token, this.surroundings);
      this.requests.set(account, requests);
    }
    const key = `${account}\n${source.repository}`;
    let forge = this.forges.get(key);
    if (forge === undefined) {
      forge = new GitHub(requests, source.repository);
      this.forges.set(key, forge);
    }
    return forge;
  }
}

/** What was applied counts only if it came from where the settings come from now. */
function appliedFrom({ source, lastApplied }: ConfigQuestion) {
  if (lastApplied === undefined) return undefined;
  const { repository, branch, path, commit, consensus } = lastApplied;
  if (!sameName(repository, source.repository) || branch !== source.branch || path !== source.path)
    return undefined;
  return { commit, fingerprint: fingerprintOf(consensus) };
}

/** Says where, in front of what. */
function named(verdict: Verdict, { repository, branch, path }: ConfigSource): Verdict {
  if (verdict.outcome !== 'hold') return verdict;
  const { condition } = verdict;
  return {
    ...verdict,
    condition: { ...condition, message: `${repository}, branch ${branch}, ${path}: ${condition.message}` },
  };
}

function branchKey(source: ConfigSource): string {
  return `${accountKey(source)}\n${source.repository}\n${source.branch}`;
}

/** Tokens are kept nowhere but where they are used. */
function accountKey({ apiUrl, token }: ConfigSource): string {
  return digest([apiUrl, token ?? null]);
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
