import type { SharedSettings } from '@aegis/proto/v1/cluster';
import type { Command } from 'commander';
import { table } from '../status/render.js';
import { conditionLine } from '../config/settings-store.js';
import { chosenFolder, globalFlags, withClient } from './context.js';
import { UsageError } from './exit.js';
import { newestStatus } from './newest-status.js';
import { parseWhole } from './parse.js';
import { print } from './print.js';

const NAMES = ['leaseMinTtlMs', 'leaseMaxTtlMs', 'leaseExpiryPerTick', 'kvQuotaBytes'] as const;

export function addSettings(program: Command): void {
  const settings = program
    .command('settings')
    .description('show the settings that belong to the whole cluster, and change them');
  settings
    .command('show', { isDefault: true })
    .description('what is in force')
    .action(async (_options: unknown, command: Command) => {
      const flags = globalFlags(command);
      await withClient(flags, async ({ cluster }, { known }) => {
        const { settings: inForce } = await newestStatus(cluster);
        const merged = known.length === 0 ? undefined : conditionLine(chosenFolder(flags).settingsPath);
        print(flags, inForce ?? {}, [render(inForce), ...(merged === undefined ? [] : [merged])].join('\n'));
      });
    });
  settings
    .command('set')
    .argument('<name=value...>', `of ${NAMES.join(', ')}`)
    .description('change some of them; unsafe ones are refused')
    .action(async (assignments: readonly string[], _options: unknown, command: Command) => {
      const flags = globalFlags(command);
      const wanted = parseSettings(assignments);
      await withClient(
        flags,
        async ({ cluster }) => {
          const { settings: inForce, changed } = await cluster.setSettings(wanted);
          print(
            flags,
            { changed, settings: inForce },
            `${changed ? 'changed' : 'they were so already'}\n${render(inForce)}`,
          );
        },
        'admin',
      );
    });
}

/** Reads `leaseMinTtlMs=3000`; their bounds are the leader's to judge. */
export function parseSettings(assignments: readonly string[]): Partial<SharedSettings> {
  const wanted: Partial<SharedSettings> = {};
  for (const assignment of assignments) {
    const [given = '', value = ''] = assignment.split('=', 2);
    const name = NAMES.find((each) => each === given);
    if (name === undefined)
      throw new UsageError(
        `"${assignment}" is not NAME=VALUE with a NAME of ${NAMES.join(', ')}. Others belong to each member: change its settings file, and restart it`,
      );
    if (name in wanted) throw new UsageError(`${name} is given twice`);
    wanted[name] = parseWhole(name, value, 1, Number.MAX_SAFE_INTEGER);
  }
  return wanted;
}

function render(settings: SharedSettings | undefined): string {
  // A first value is missing only before the first leader.
  const rows = NAMES.map((name) => [name, settings?.[name] || '-']);
  return table(['SETTING', 'VALUE'], rows);
}
