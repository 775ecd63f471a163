import {
  ConfigSources,
  type AppliedByMerge,
  type ConfigDecision,
  type ConfigQuestion,
  type ConfigSource,
} from '@aegis/operator/config-source';
import { Octokit } from '@octokit/rest';
import type { Forge, Identity, Repository } from '../forge/index.js';

export const PATH = 'clusters/orders.yaml';
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const POLL_SECONDS = 60;

/** The settings document of a cluster. */
export function documentOf(
  consensus: Readonly<Record<string, number>>,
  name = 'orders',
  namespace = 'shop',
): string {
  const lines = Object.entries(consensus).map(([field, value]) => `    ${field}: ${value}\n`);
  const spec = lines.length === 0 ? '  consensus: {}\n' : `  consensus:\n${lines.join('')}`;
  return `apiVersion: aegis.dev/v1alpha1\nkind: AegisCluster\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\nspec:\n${spec}`;
}

export interface Merging {
  readonly author?: Identity;
  readonly merger?: Identity;
  readonly method?: 'merge' | 'squash' | 'rebase';
  readonly base?: string;
  readonly approvedBy?: readonly Identity[];
}

/** A repository on the test forge, a cluster whose settings come from it, and an operator's memory of what it applied. */
export class Scene {
  lastApplied: AppliedByMerge | undefined;
  /** The operator's clock, milliseconds. */
  now = Date.now();
  readonly sources: ConfigSources;
  private branches = 0;

  private constructor(
    readonly forge: Forge,
    readonly repository: Repository,
    readonly people: { readonly owner: Identity; readonly ada: Identity; readonly agent: Identity },
  ) {
    this.sources = new ConfigSources({
      agentLogins: ['Tuner', 'aegis-agent'],
      now: () => this.now,
      random: () => 0,
    });
  }

  static async begin(forge: Forge, name: string): Promise<Scene> {
    const { identities } = forge;
    const known = (login: string) => identities.withLogin(login) ?? identities.user(login);
    const people = { owner: known('owner'), ada: known('ada'), agent: known('tuner') };
    const repository = await forge.repositories.create(people.owner, name);
    for (const { login } of [people.ada, people.agent]) repository.roles.set(login, 'write');
    await repository.push(people.owner, 'main', { 'README.md': 'Settings.\n' }, 'Begin');
    return new Scene(forge, repository, people);
  }

  as(identity: Identity): Octokit {
    return new Octokit({ baseUrl: this.forge.url, auth: identity.token, log: QUIET });
  }

  get at() {
    return { owner: this.repository.owner.login, repo: this.repository.name };
  }

  get source(): ConfigSource {
    return {
      repository: this.repository.fullName,
      branch: 'main',
      path: PATH,
      apiUrl: this.forge.url,
      token: this.people.owner.token,
      allowDirectPush: false,
      pollSeconds: POLL_SECONDS,
    };
  }

  /** Proposes a file's content from a branch, with so many commits. */
  async propose(contents: readonly string[], { author = this.people.agent, base = 'main' }: Merging = {}) {
    const branch = `change-${++this.branches}`;
    await this.repository.git.setRef(`refs/heads/${branch}`, (await this.repository.git.head(base))!);
    for (const content of contents) await this.repository.push(author, branch, { [PATH]: content }, 'Tune');
    const { data } = await this.as(author).pulls.create({ ...this.at, title: 'Tune', head: branch, base });
    return data;
  }

  /** Proposes, has it approved, merges. */
  async merge(content: string | readonly string[], merging: Merging = {}) {
    const { merger = this.people.ada, method = 'merge', approvedBy = [] } = merging;
    const pull = await this.propose(typeof content === 'string' ? [content] : content, merging);
    const place = { ...this.at, pull_number: pull.number };
    for (const person of approvedBy) await this.as(person).pulls.createReview({ ...place, event: 'APPROVE' });
    const { data } = await this.as(merger).pulls.merge({ ...place, merge_method: method });
    return { number: pull.number, sha: data.sha };
  }

  push(content: string | null, pusher = this.people.owner, branch = 'main'): Promise<string> {
    return this.repository.push(pusher, branch, { [PATH]: content }, 'Push');
  }

  /** What the operator decides at its next look. */
  decide(question: Partial<ConfigQuestion> = {}): Promise<ConfigDecision> {
    this.now += POLL_SECONDS * 1000;
    return this.decideNow(question);
  }

  decideNow(question: Partial<ConfigQuestion> = {}): Promise<ConfigDecision> {
    const cluster = { namespace: 'shop', name: 'orders', profile: 'all' as const, replicas: 5 };
    return this.sources.decide({ source: this.source, cluster, lastApplied: this.lastApplied, ...question });
  }

  /** Decides, and applies it as the operator would. */
  async follow(question: Partial<ConfigQuestion> = {}) {
    const decision = await this.decide(question);
    if (decision.outcome !== 'apply') throw new Error(`not applied: ${JSON.stringify(decision)}`);
    const { repository, branch, path } = this.source;
    const { consensus, provenance } = decision;
    this.lastApplied = { repository, branch, path, commit: provenance.commit, consensus };
    return decision;
  }

  /** The reason why nothing is applied. */
  async refusal(question: Partial<ConfigQuestion> = {}) {
    const decision = await this.decide(question);
    if (decision.outcome !== 'hold') throw new Error(`not held: ${JSON.stringify(decision)}`);
    return decision.condition;
  }
}
