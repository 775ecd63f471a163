import type { Command } from 'commander';
import { join } from 'node:path';
import { readRecommendations, type RecommendationFile } from '../config/agent-files.js';
import { table } from '../status/render.js';
import { clusterFolder, globalFlags } from './context.js';
import { moment } from './incidents.js';
import { print } from './print.js';
import { withoutAgent } from './without-agent.js';

/** What goes into commands that people copy. */
const BRANCH = /^aegis\/tuning\/[a-z0-9-]{1,230}$/;

export function addRecommendations(program: Command): void {
  program
    .command('recommendations')
    .alias('recommendation')
    .description('what the agent proposes for a cluster on this machine, and what became of it')
    .action((_options: unknown, command: Command) => {
      const flags = globalFlags(command);
      const folder = clusterFolder(flags);
      const { raw, read, broken } = readRecommendations(folder.agentPath);
      for (const line of [withoutAgent(folder.agentPath) ?? [], broken].flat())
        process.stderr.write(`aegis: ${line}\n`);
      print(flags, raw, renderRecommendations(read, join(folder.path, 'config')));
    });
}

/** The newest last; for those that wait, how they are merged. @param clone where people merge */
export function renderRecommendations(recommendations: readonly RecommendationFile[], clone: string): string {
  if (recommendations.length === 0) return 'no recommendations';
  const rows = recommendations.map(({ id, family, patch, phase, proposedAt, verification }) => {
    return [id, moment(proposedAt), family, listed(patch), phase, verified(verification)];
  });
  const lines = recommendations.flatMap(({ id, phase, reason, effect, branch }) => {
    if (phase !== 'PullRequestOpen' || branch === undefined || !BRANCH.test(branch))
      return [`${id}: ${reason}`];
    return [`${id}: ${effect}`, ...mergeCommands(clone, branch).map((line) => `  ${line}`)];
  });
  return [table(['RECOMMENDATION', 'PROPOSED', 'FAMILY', 'PATCH', 'PHASE', 'VERIFIED'], rows), ...lines].join(
    '\n',
  );
}

function mergeCommands(clone: string, branch: string): readonly string[] {
  return [
    `cd ${quoted(clone)} && git pull --quiet`,
    `git diff ...origin/${branch}        # what would change, and why`,
    `git merge --no-ff --no-edit origin/${branch} && git push`,
  ];
}

function listed(patch: Readonly<Record<string, number>>): string {
  return Object.entries(patch)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** "elections 4.2 → 0.3", or the one word for why there is none. */
function verified(verification: RecommendationFile['verification']): string {
  if (verification === undefined) return '-';
  const { result, before, after } = verification;
  const word = typeof result === 'string' && /^[A-Za-z]{1,40}$/.test(result) ? result : '?';
  if (typeof before !== 'number' || typeof after !== 'number') return word;
  return `${word}: ${before / 1_000} -> ${after / 1_000}`;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
