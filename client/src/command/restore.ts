import type { Command } from 'commander';
import { ClusterFolder, DEFAULT_FOLDER } from '../supervisor/cluster-folder.js';
import { MAX_REPLICAS } from '../supervisor/plan.js';
import { restoreCluster } from '../supervisor/restore.js';
import { withProgress } from '../terminal/progress.js';
import { globalFlags } from './context.js';
import { interruptible } from './interrupt.js';
import { print } from './print.js';
import { planFlags, type PlanFlags } from './plan-flags.js';

export function addRestore(program: Command): void {
  program
    .command('restore')
    .argument('<file>', 'a backup')
    .description('make a new cluster on this machine out of a backup, for aegis up to start')
    .option('--profile <profile>', "the services that it opens: all, locks or kv (default: the backup's)")
    .option('--replicas <n>', `1 to ${MAX_REPLICAS}, odd numbers make sense (default: the backup's voters)`)
    .option('--base-port <port>', "the first replica's; each has three, ten apart (default: 4410)")
    .option('--insecure', 'no TLS: for benchmarks')
    .action(async (file: string, options: PlanFlags, command: Command) => {
      const flags = globalFlags(command);
      const folder = new ClusterFolder(flags.dir ?? (process.env['AEGIS_DIR'] || DEFAULT_FOLDER));
      const restored = await withProgress(`restoring ${file}`, (progress) => {
        const onLine = (line: string): void => {
          progress.line(line);
          progress.phase(line);
        };
        return interruptible((signal) => restoreCluster(folder, file, planFlags(options), onLine, signal));
      });
      const { clusterId, replicas, keys, revision, newestToken, portsTaken } = restored;
      const dir = ClusterFolder.nearest()?.path === folder.path ? '' : ` --dir ${folder.path}`;
      print(
        flags,
        { folder: folder.path, ...restored },
        [
          `made cluster ${clusterId} in ${folder.path}: ${replicas} replicas, ${keys} keys`,
          `it begins at revision ${revision}, and after fencing token ${newestToken}`,
          ...(portsTaken === null ? [] : [`its ports are not free yet: ${portsTaken}`]),
          `start it with: aegis up${dir}`,
        ].join('\n'),
      );
    });
}
