import type { Command } from 'commander';
import { table } from '../status/render.js';
import { globalFlags, withClient, type GlobalFlags } from './context.js';
import { newestStatus } from './newest-status.js';
import { parseWhole } from './parse.js';
import { print } from './print.js';

export function addStateVersion(program: Command): void {
  const version = program
    .command('state-version')
    .description('show which version of the state machine the cluster has agreed on, and raise it');
  version
    .command('show', { isDefault: true })
    .description('what the cluster has agreed on, and what the software of each member knows')
    .action(async (_options: unknown, command: Command) => show(globalFlags(command)));
  version
    .command('raise')
    .argument('<version>', 'that every member has to know')
    .description('have the cluster agree on a later version; it never falls')
    .action(async (text: string, _options: unknown, command: Command) => {
      const flags = globalFlags(command);
      const wanted = parseWhole('VERSION', text, 1, 2 ** 32 - 1);
      await withClient(
        flags,
        async ({ cluster }) => {
          const agreed = await cluster.raiseVersion(wanted);
          print(flags, { agreed }, `the cluster has agreed on state machine version ${agreed}`);
        },
        'admin',
      );
    });
}

async function show(flags: GlobalFlags): Promise<void> {
  await withClient(flags, async ({ cluster }) => {
    const newest = await newestStatus(cluster);
    const answers = await cluster.statuses(
      undefined,
      newest.members.map(({ clientAddress }) => clientAddress),
    );
    const members = newest.members.map(({ id, name }) => {
      const own = answers
        .flatMap((each) => ('status' in each ? [each.status] : []))
        .find((s) => s.memberId === id);
      return { id, name, software: own?.version ?? null, knows: own?.knownVersion ?? null };
    });
    const { clusterVersion: agreed } = newest;
    const rows = members.map(({ id, name, software, knows }) => [id, name, software ?? '-', knows ?? '-']);
    const head = `the cluster has agreed on state machine version ${agreed}`;
    print(flags, { agreed, members }, `${head}\n${table(['ID', 'NAME', 'SOFTWARE', 'KNOWS'], rows)}`);
  });
}
