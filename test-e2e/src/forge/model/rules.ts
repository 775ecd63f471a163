import type { Schemas } from '../http/api-types.js';
import type { Identity, Role } from './identity.js';

export interface Ruleset {
  readonly id: number;
  readonly name: string;
  readonly enforcement: Schemas['repository-rule-enforcement'];
  /** As `refs/heads/main`, `~DEFAULT_BRANCH` or `~ALL`. */
  readonly include: readonly string[];
  readonly bypassActors: readonly Schemas['repository-ruleset-bypass-actor'][];
  readonly rules: readonly Schemas['repository-rule'][];
  readonly createdAt: string;
}

export type BypassMode = 'always' | 'pull_requests_only' | 'never' | 'exempt';

/** GitHub's ids of the roles that bypass lists name. */
const ROLE_IDS: Readonly<Partial<Record<Role, number>>> = { maintain: 2, write: 4, admin: 5 };

export function appliesTo(ruleset: Ruleset, branch: string, defaultBranch: string): boolean {
  if (ruleset.enforcement !== 'active') return false;
  return ruleset.include.some((pattern) => {
    if (pattern === '~ALL') return true;
    if (pattern === '~DEFAULT_BRANCH') return branch === defaultBranch;
    return pattern === `refs/heads/${branch}`;
  });
}

/** Whether somebody is on the bypass list, and for what. */
export function bypassOf(ruleset: Ruleset, identity: Identity, role: Role): BypassMode {
  const own = ruleset.bypassActors.filter(({ actor_type: type, actor_id: id }) => {
    if (type === 'Integration') return identity.app !== undefined && id === identity.app.id;
    if (type === 'User') return id === identity.id;
    if (type === 'RepositoryRole') return id === ROLE_IDS[role];
    return type === 'OrganizationAdmin' && role === 'admin';
  });
  if (own.some(({ bypass_mode: mode }) => mode === 'exempt')) return 'exempt';
  if (own.some(({ bypass_mode: mode }) => mode === undefined || mode === 'always')) return 'always';
  return own.length > 0 ? 'pull_requests_only' : 'never';
}

/** What a push to a branch would break. */
export function brokenByPush(ruleset: Ruleset, rewrites: boolean): string[] {
  return ruleset.rules.flatMap(({ type }) => {
    if (type === 'pull_request') return ['Changes must be made through a pull request.'];
    if (type === 'non_fast_forward' && rewrites) return ['Cannot force-push to this branch.'];
    if (type === 'update') return ['Cannot update this protected ref.'];
    return [];
  });
}

/** What the merge of a pull request with so many approvals of its head would break. */
export function brokenByMerge(ruleset: Ruleset, approved: number): string[] {
  return ruleset.rules.flatMap((rule) => {
    if (rule.type === 'update') return ['Cannot update this protected ref.'];
    if (rule.type !== 'pull_request') return [];
    const needed = rule.parameters?.required_approving_review_count ?? 0;
    return approved < needed
      ? [`At least ${needed} approving review is required by reviewers with write access.`]
      : [];
  });
}
