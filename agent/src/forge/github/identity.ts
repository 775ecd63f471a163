import type { Answer } from '@aegis/operator/github';
import { ForgeRefusal } from '../forge.js';
import type { Place } from './place.js';
import type { Requests } from './requests.js';

const RULES_PAGE = 100;

/** Who the token is. @param appLogin what an App is called: it cannot ask */
export async function whoAmI(
  requests: Requests,
  appLogin: string | undefined,
): Promise<Pick<Place, 'login' | 'kind'>> {
  if (appLogin !== undefined) return { login: appLogin, kind: 'App' };
  const { answer } = await requests.send('GET /user');
  return { login: answer.field('login').text(/^[A-Za-z0-9-]{1,39}$/), kind: 'Fork' };
}

/**
 * Refuses an identity that could change the settings by itself. A machine account must not be able to push; an App needs to, and so the
 * branch must have rules that demand pull requests; and nobody of them may be on the list of who bypasses any rule. Throws ForgeRefusal.
 */
export async function refuseIfItMayMerge(requests: Requests, place: Place): Promise<void> {
  const { owner, repo, base, login, kind } = place;
  const { answer } = await requests.send('GET /repos/{owner}/{repo}', { owner, repo });
  const permissions = answer.field('permissions');
  const may = (name: string): boolean => permissions.field(name).flag();
  const who = `${login} at ${owner}/${repo}`;
  if (may('admin') || may('maintain'))
    throw new ForgeRefusal(
      'IdentityMayMerge',
      `${who} may administrate the repository: give the agent an identity that may not.`,
    );
  if (kind === 'Fork' && may('push'))
    throw new ForgeRefusal(
      'IdentityMayMerge',
      `${who} may push to the repository: take write access away, the agent works from a fork.`,
    );
  const rules = await rulesOf(requests, place);
  for (const id of new Set(rules.map(({ ruleset }) => ruleset))) {
    const { answer: ruleset } = await requests.send('GET /repos/{owner}/{repo}/rulesets/{ruleset_id}', {
      owner,
      repo,
      ruleset_id: id,
    });
    const bypass = bypassOf(ruleset);
    if (bypass !== 'never')
      throw new ForgeRefusal(
        'IdentityMayMerge',
        `${who} may bypass ruleset ${id} of ${base} (${bypass}): take it off the bypass list.`,
      );
  }
  if (kind === 'App' && !rules.some(({ type }) => type === 'pull_request'))
    throw new ForgeRefusal(
      'BranchUnprotected',
      `${who} may push, and no rule of ${base} demands pull requests: add a ruleset for ${base} that does, with the agent not on its bypass list.`,
    );
  if (kind === 'Fork') await requireFork(requests, place);
}

function bypassOf(ruleset: Answer): string {
  try {
    return ruleset.field('current_user_can_bypass').text(/^[a-z_]{1,40}$/);
  } catch {
    // A forge that does not say might let anybody.
    return 'unknown';
  }
}

async function rulesOf(
  requests: Requests,
  { owner, repo, base }: Place,
): Promise<{ ruleset: number; type: string }[]> {
  const found: { ruleset: number; type: string }[] = [];
  for (let page = 1; ; page++) {
    const { answer } = await requests.send('GET /repos/{owner}/{repo}/rules/branches/{branch}', {
      owner,
      repo,
      branch: base,
      per_page: RULES_PAGE,
      page,
    });
    const items = answer.items();
    for (const item of items)
      found.push({ ruleset: item.field('ruleset_id').count(), type: item.field('type').text() });
    if (items.length < RULES_PAGE) return found;
    if (page === 10)
      throw new ForgeRefusal('RulesUnknown', `${owner}/${repo} has more rules than can be read.`);
  }
}

async function requireFork(requests: Requests, { owner, repo, login }: Place): Promise<void> {
  const { status, answer } = await requests.send('GET /repos/{owner}/{repo}', { owner: login, repo }, [404]);
  const parent =
    status === 404 || !answer.field('fork').flag()
      ? undefined
      : answer.field('parent').field('full_name').text();
  if (parent?.toLowerCase() !== `${owner}/${repo}`.toLowerCase())
    throw new ForgeRefusal(
      'ForkMissing',
      `${login} has no fork of ${owner}/${repo} named ${repo}: make one as that account.`,
    );
}
