import { GitHubForge, type Target } from '@aegis/agent/forge';
import { SETTINGS, TARGET } from '@aegis/agent/forge/testing';
import { Octokit } from '@octokit/rest';
import type { Forge, Identity, Repository } from '../forge/index.js';

export const PATH = 'orders.yaml';
export const BRANCH = 'aegis/tuning/7c4f2a90b1d3e586-shop-orders-timing';
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What the network of an agent does with a request: nothing, or it cuts the agent off before it leaves, or after its answer came. */
export type Network = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** The agent was killed. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** The agent ends at its nth request: before it leaves, or when its effect is done and its answer is lost. */
export function dyingAt(nth: number, when: 'before' | 'after'): { network: Network; died: () => boolean } {
  let count = 0;
  const network: Network = async (input, init) => {
    count += 1;
    if (count > nth || (count === nth && when === 'before')) throw new Killed();
    const response = await fetch(input, init);
    if (count < nth) return response;
    await response.arrayBuffer();
    throw new Killed();
  };
  return { network, died: () => count >= nth };
}

/** A repository with settings on the test forge, and agents that propose to it. */
export class Scene {
  /** The agents' clock, milliseconds. */
  now = Date.parse('2026-03-04T12:00:00Z');
  readonly slept: number[] = [];

  private constructor(
    readonly forge: Forge,
    readonly repository: Repository,
    readonly ada: Identity,
    readonly agent: Identity,
    readonly kind: 'App' | 'Fork',
  ) {}

  static async of(forge: Forge, ada: Identity, agent: Identity, name: string): Promise<Scene> {
    const repository = await forge.repositories.create(ada, name);
    await repository.push(ada, 'main', { [PATH]: SETTINGS, 'other.txt': 'x\n' }, 'Begin');
    const kind = agent.type === 'Bot' ? 'App' : 'Fork';
    const scene = new Scene(forge, repository, ada, agent, kind);
    if (kind === 'Fork') await scene.as(agent).repos.createFork(scene.at);
    else {
      repository.roles.set(agent.login, 'write');
      await scene.demandRequests();
    }
    return scene;
  }

  get at(): { owner: string; repo: string } {
    return { owner: this.ada.login, repo: this.repository.name };
  }

  /** Where the agent's branches are. */
  get branches(): Repository {
    return this.kind === 'App'
      ? this.repository
      : this.forge.repositories.find(`${this.agent.login}/${this.repository.name}`)!;
  }

  as(identity: Identity): Octokit {
    return new Octokit({ baseUrl: this.forge.url, log: QUIET, auth: identity.token });
  }

  /** A ruleset that lets nobody push to the base; @param bypass who may all the same */
  async demandRequests(bypass?: Identity): Promise<void> {
    const actor = {
      actor_id: bypass?.app?.id ?? bypass?.id ?? 0,
      actor_type: bypass?.app === undefined ? 'User' : 'Integration',
      bypass_mode: 'always',
    } as const;
    await this.as(this.ada).repos.createRepoRuleset({
      ...this.at,
      name: `rules-${this.repository.rulesets.size}`,
      enforcement: 'active',
      conditions: { ref_name: { include: ['~DEFAULT_BRANCH'], exclude: [] } },
      bypass_actors: bypass === undefined ? [] : [actor as never],
      rules: [
        {
          type: 'pull_request',
          parameters: {
            dismiss_stale_reviews_on_push: true,
            require_code_owner_review: false,
            require_last_push_approval: false,
            required_approving_review_count: 0,
            required_review_thread_resolution: false,
          },
        },
      ],
    });
  }

  /** An agent that was started just now: it remembers nothing. */
  fresh(network: Network = fetch, path = PATH): GitHubForge {
    return new GitHubForge({
      apiUrl: this.forge.url,
      repository: this.repository.fullName,
      base: 'main',
      path,
      token: async () => this.agent.token,
      ...(this.kind === 'App' ? { appLogin: this.agent.login } : {}),
      surroundings: {
        now: () => this.now,
        random: () => 0,
        sleep: async (ms) => {
          this.slept.push(ms);
          this.now += ms;
        },
        fetch: network,
      },
    });
  }

  /** The same, with its identity looked at. */
  async started(network?: Network): Promise<GitHubForge> {
    const forge = this.fresh(network);
    await forge.check();
    return forge;
  }

  readonly target: Target = TARGET;

  get pulls() {
    return [...this.repository.pulls.values()];
  }

  get issues() {
    return [...this.repository.issues.values()];
  }

  async fileAt(repository: Repository, branch: string, path = PATH): Promise<string> {
    const head = await repository.git.head(branch);
    const entry = await repository.git.entry(head!, path);
    return (await repository.git.blob(entry!.sha)).toString();
  }
}
