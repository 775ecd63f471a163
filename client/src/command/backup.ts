import type { Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { checkBackup } from '../backup/check.js';
import { backupFacts, backupText } from '../backup/describe.js';
import { saveBackup } from '../backup/save.js';
import { addToSeries, KEEP_MAX } from '../backup/series.js';
import { bytesMoved, withProgress, type Progress } from '../terminal/progress.js';
import { globalFlags, withClient } from './context.js';
import { UsageError } from './exit.js';
import { interruptible } from './interrupt.js';
import { parseWhole } from './parse.js';
import { print } from './print.js';

interface BackupFlags {
  readonly force?: boolean;
  readonly stale?: boolean;
}

interface SeriesFlags {
  readonly name: string;
  readonly keep: string;
  readonly report?: string;
}

export function addBackup(program: Command): void {
  const backup = program
    .command('backup')
    .argument('<file>', 'where it goes; it is there only when it is whole and on disk')
    .description("save the cluster's whole state as it is at one moment, while writes go on")
    .option('--force', 'replace the file if it is there')
    .option('--stale', 'what one replica has applied, without a quorum: for a cluster that has lost it')
    .action(async (file: string, options: BackupFlags, command: Command) => {
      const flags = globalFlags(command);
      const beganMs = performance.now();
      const save = (progress: Progress) => (signal: AbortSignal) =>
        withClient(
          flags,
          ({ cluster }) =>
            saveBackup(cluster.backup({ stale: options.stale === true, signal }), file, {
              force: options.force === true,
              onBytes: moved(progress),
            }),
          'admin',
        );
      const summary = await withProgress(`saving ${file}`, (progress) => interruptible(save(progress)));
      const seconds = Math.round(performance.now() - beganMs) / 1_000;
      print(
        flags,
        { ...backupFacts(file, summary), seconds },
        `saved ${file} in ${seconds} s\n${backupText(summary)}`,
      );
    });
  addSeries(backup);
  backup
    .command('verify')
    .argument('<file>', 'a backup')
    .description('read a backup from end to end and prove every byte of it; needs no cluster')
    .action(async (file: string, _options: unknown, command: Command) => {
      const summary = await withProgress(`reading ${file}`, () => checkBackup(file));
      print(globalFlags(command), backupFacts(file, summary), `${file} is whole\n${backupText(summary)}`);
    });
}

/** For whatever calls it on a schedule: each run is one more file, and the old ones go. */
function addSeries(backup: Command): void {
  backup
    .command('into')
    .argument('<folder>', 'where the series is kept')
    .description(
      'save a backup as the newest of a series, prove what is on the disk, and then delete the oldest',
    )
    .option('--name <name>', 'of the series: files are called NAME-20260102T030405Z.aegis', 'aegis')
    .option('--keep <n>', 'how many are kept, this one included', '7')
    .option('--report <file>', 'write what was saved there, too, as JSON')
    .action(async (folder: string, { name, keep, report }: SeriesFlags, command: Command) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name))
        throw new UsageError(
          `--name: ${JSON.stringify(name)} is not 1 to 100 letters, digits, ".", "_" and "-"`,
        );
      const series = { name, keep: parseWhole('--keep', keep, 1, KEEP_MAX), nowMs: Date.now() };
      const flags = globalFlags(command);
      const save = (progress: Progress) => (signal: AbortSignal) =>
        withClient(
          flags,
          ({ cluster }) => addToSeries(cluster.backup({ signal }), folder, series, moved(progress)),
          'admin',
        );
      const { file, summary, deleted } = await withProgress(`saving into ${folder}`, (progress) =>
        interruptible(save(progress)),
      );
      const facts = { ...backupFacts(file, summary), deleted };
      if (report !== undefined) writeFileSync(report, JSON.stringify(facts));
      const gone = deleted.length === 0 ? '' : `\ndeleted ${deleted.join(', ')}`;
      print(flags, facts, `saved ${file} in ${folder}\n${backupText(summary)}${gone}`);
    });
}

function moved(progress: Progress): (bytes: number) => void {
  return (bytes) => progress.update({ detail: bytesMoved(bytes, progress.seconds) });
}
