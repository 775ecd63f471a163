/** Where requests go to, and where their branches are. */
export interface Place {
  /** Of the repository with the settings. */
  readonly owner: string;
  readonly repo: string;
  readonly base: string;
  /** The settings file in it. */
  readonly path: string;
  /** Who asks, as GitHub names them. */
  readonly login: string;
  /** An App pushes its branches to the repository itself, a machine account to its fork. */
  readonly kind: 'App' | 'Fork';
}

/** The repository in which the agent's branches are. */
export function headRepository({ owner, repo, login, kind }: Place): { owner: string; repo: string } {
  return { owner: kind === 'App' ? owner : login, repo };
}

/** The head of a request, as GitHub's lists want it. */
export function headLabel(place: Place, branch: string): string {
  return `${headRepository(place).owner}:${branch}`;
}
