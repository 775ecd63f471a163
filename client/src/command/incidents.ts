import type { Command } from 'commander';
import { readIncidents, type IncidentFile } from '../config/agent-files.js';
import { table } from '../status/render.js';
import { clusterFolder, globalFlags } from './context.js';
import { print } from './print.js';
import { withoutAgent } from './without-agent.js';

export function addIncidents(program: Command): void {
  program
    .command('incidents')
    .description('what the agent beside a cluster on this machine saw, and what it thinks is the cause')
    .action((_options: unknown, command: Command) => {
      const flags = globalFlags(command);
      const { agentPath } = clusterFolder(flags);
      const { raw, read, broken } = readIncidents(agentPath);
      for (const line of [withoutAgent(agentPath) ?? [], broken].flat())
        process.stderr.write(`aegis: ${line}\n`);
      print(flags, raw, renderIncidents(read));
    });
}

/** The newest last, as on a log. */
export function renderIncidents(incidents: readonly IncidentFile[]): string {
  if (incidents.length === 0) return 'no incidents';
  const rows = incidents.map(({ id, classes, onset, endedAt, causes, recommendation }) => {
    const [cause] = causes;
    return [
      id,
      moment(onset),
      endedAt === undefined ? 'open' : moment(endedAt),
      classes.join(','),
      cause === undefined ? '-' : `${cause.fault} at ${cause.at}`,
      recommendation === undefined ? '-' : 'yes',
    ];
  });
  const advice = incidents.flatMap(({ id, advice }) => (advice === undefined ? [] : [`${id}: ${advice}`]));
  const head = ['INCIDENT', 'ONSET', 'ENDED', 'CLASSES', 'LIKELIEST CAUSE', 'PROPOSAL'];
  return [table(head, rows), ...advice].join('\n');
}

/** A moment in UTC, to the second. */
export function moment(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
