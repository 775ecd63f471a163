import { type Alarm, AlarmKind } from '@aegis/proto/v1/alarm';
import type { Command } from 'commander';
import { table } from '../status/render.js';
import { globalFlags, withClient, type GlobalFlags } from './context.js';
import { EXIT } from './exit.js';
import { newestStatus } from './newest-status.js';
import { print } from './print.js';

const NAMES = new Map<number, string>(Object.entries(AlarmKind).map(([name, kind]) => [kind, name]));

/** What each means, and what ends it. */
const MEANING = new Map<AlarmKind, string>([
  [AlarmKind.NO_SPACE, "the member's disk is full: growth is refused until there is room"],
  [AlarmKind.QUOTA, 'the keys have reached kvQuotaBytes: puts are refused until they have shrunk'],
  [
    AlarmKind.CORRUPT,
    'members differ about the state: writes are refused until this is cleared (aegis hash)',
  ],
]);

export function addAlarms(program: Command): void {
  const alarms = program
    .command('alarms')
    .description('show what stands raised in the cluster, and clear what an operator has seen to');
  alarms
    .command('list', { isDefault: true })
    .description('what stands raised; exit status 1 if something does')
    .action(async (_options: unknown, command: Command) => list(globalFlags(command)));
  alarms
    .command('clear')
    .description('clear CORRUPT')
    .action(async (_options: unknown, command: Command) => clear(globalFlags(command)));
}

async function list(flags: GlobalFlags): Promise<void> {
  await withClient(flags, async ({ cluster }) => show(flags, (await newestStatus(cluster)).alarms));
}

async function clear(flags: GlobalFlags): Promise<void> {
  await withClient(
    flags,
    async ({ cluster }) => {
      const { alarms } = await newestStatus(cluster);
      let left: readonly Alarm[] = alarms;
      for (const alarm of alarms.filter(({ kind }) => kind === AlarmKind.CORRUPT))
        left = await cluster.clearAlarm(alarm);
      show(flags, left);
    },
    'admin',
  );
}

function show(flags: GlobalFlags, alarms: readonly Alarm[]): void {
  const named = alarms.map(({ kind, memberId }) => ({ kind: NAMES.get(kind) ?? `KIND_${kind}`, memberId }));
  const rows = alarms.map(({ kind, memberId }, at) => [
    named[at]!.kind,
    memberId === 0 ? '-' : memberId,
    MEANING.get(kind) ?? 'of a newer version than this command',
  ]);
  const text = rows.length === 0 ? 'no alarm is raised' : table(['ALARM', 'MEMBER', 'MEANING'], rows);
  print(flags, named, text);
  if (rows.length > 0) process.exitCode = EXIT.failed;
}
