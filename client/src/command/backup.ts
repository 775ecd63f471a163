import type { Command } from 'commander';
import { checkBackup } from '../backup/check.js';
import { backupFacts, backupText } from '../backup/describe.js';
import { Progress } from '../backup/progress.js';
import { saveBackup } from '../backup/save.js';
import { globalFlags, withClient } from './context.js';
import { interruptible } from './interrupt.js';
import { print } from './print.js';

interface BackupFlags {
  readonly force?: boolean;
  readonly stale?: boolean;
}

export function addBackup(program: Command): void {
  const backup = program
    .command('backup')
    .argument('<file>', 'where it goes; it is there only when it is whole and on disk')
    .description("save the cluster's whole state as it is at one moment, while writes go on")
    .option('--force', 'replace the file if it is there')
    .option('--stale', 'what one replica has applied, without a quorum: for a cluster that has lost it')
    .addHelpText(
      'after',
      `
It takes an admin's certificate. Keep the file as secret as the keys in it.

Examples:
  aegis backup /backups/monday.aegis
  aegis backup verify /backups/monday.aegis
  aegis restore /backups/monday.aegis --dir /tmp/restored`,
    )
    .action(async (file: string, options: BackupFlags, command: Command) => {
      const flags = globalFlags(command);
      const progress = new Progress(`saving ${file}`);
      const save = (signal: AbortSignal) =>
        withClient(
          flags,
          ({ cluster }) =>
            saveBackup(cluster.backup({ stale: options.stale === true, signal }), file, {
              force: options.force === true,
              onBytes: (bytes) => progress.update(bytes),
            }),
          'admin',
        );
      const summary = await interruptible(save).finally(() => progress.end());
      const seconds = Math.round(progress.seconds * 1_000) / 1_000;
      print(
        flags,
        { ...backupFacts(file, summary), seconds },
        `saved ${file} in ${seconds} s\n${backupText(summary)}`,
      );
    });
  backup
    .command('verify')
    .argument('<file>', 'a backup')
    .description('read a backup from end to end and prove every byte of it; needs no cluster')
    .addHelpText(
      'after',
      '\nExamples:\n  aegis backup verify /backups/monday.aegis\n  aegis backup verify ./verify',
    )
    .action(async (file: string, _options: unknown, command: Command) => {
      const summary = await checkBackup(file);
      print(globalFlags(command), backupFacts(file, summary), `${file} is whole\n${backupText(summary)}`);
    });
}
