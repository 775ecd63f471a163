import type { Schemas } from '../http/api-types.js';
import type { Identity } from '../model/identity.js';
import type { Repository } from '../model/repository.js';
import { atLeast } from '../model/identity.js';
import { bypassOf, type Ruleset } from '../model/rules.js';
import { repositoryUrl } from './repository.js';
import { nodeId } from './user.js';

/** Who may write sees the bypass list; everybody sees whether they may bypass themselves. */
export function rulesetShape(
  api: string,
  repository: Repository,
  ruleset: Ruleset,
  viewer: Identity | undefined,
): Schemas['repository-ruleset'] {
  const role = repository.roleOf(viewer);
  return {
    id: ruleset.id,
    node_id: nodeId('RRS', ruleset.id),
    name: ruleset.name,
    target: 'branch',
    source_type: 'Repository',
    source: repository.fullName,
    enforcement: ruleset.enforcement,
    ...(atLeast(role, 'write') && { bypass_actors: [...ruleset.bypassActors] }),
    ...(viewer !== undefined && { current_user_can_bypass: bypassOf(ruleset, viewer, role) }),
    conditions: { ref_name: { include: [...ruleset.include], exclude: [] } },
    rules: [...ruleset.rules],
    created_at: ruleset.createdAt,
    updated_at: ruleset.createdAt,
    _links: { self: { href: `${repositoryUrl(api, repository)}/rulesets/${ruleset.id}` } },
  };
}

/** The rules in force on a branch, each with the ruleset that it comes from. */
export function branchRules(repository: Repository, branch: string): Schemas['repository-rule-detailed'][] {
  return repository.rulesFor(branch).flatMap((ruleset) =>
    ruleset.rules.map((rule) => ({
      ...rule,
      ruleset_source_type: 'Repository' as const,
      ruleset_source: repository.fullName,
      ruleset_id: ruleset.id,
    })),
  ) as Schemas['repository-rule-detailed'][];
}
