import { Command, CommanderError } from 'commander';
import { addAlarms } from './alarms.js';
import { addBackup } from './backup.js';
import { addBench } from './bench.js';
import { addChaos } from './chaos.js';
import { addDown } from './down.js';
import { addElect } from './elect.js';
import { EXIT, describeError, exitStatus } from './exit.js';
import { addCompletion } from './completion.js';
import { addHash } from './hash.js';
import { addHelp } from './help.js';
import { addIncidents } from './incidents.js';
import { addKv } from './kv.js';
import { addLease } from './lease.js';
import { asksForMenu, runMenu } from './launcher.js';
import { addLock } from './lock.js';
import { addLocks } from './locks.js';
import { addRestore } from './restore.js';
import { addMembers } from './members.js';
import { exitsText, shortNotes } from './manual/render.js';
import { commandTable, flattened } from './manual/table.js';
import { addRecommendations } from './recommendations.js';
import { addSettings } from './settings.js';
import { addStateVersion } from './state-version.js';
import { addStatus } from './status.js';
import { addTop } from './top.js';
import { addTransfer } from './transfer.js';
import { addUp } from './up.js';
import { addWatch } from './watch.js';

/** The whole command line. */
export function program(): Command {
  const aegis = new Command('aegis')
    .description('AEGIS: locks, leases, elections and versioned keys that you can trust')
    .version('0.1.0')
    .option(
      '--dir <dir>',
      'the folder of a cluster on this machine (also AEGIS_DIR; default: the nearest .aegis)',
    )
    .option('--endpoints <list>', 'host:port,… of a cluster elsewhere (also AEGIS_ENDPOINTS)')
    .option('--tls <dir>', "a folder with ca.crt, tls.crt and tls.key (default: the cluster folder's)")
    .option('--timeout <duration>', 'how long the cluster may take to answer (default: 10s)')
    .option('--json', 'print JSON')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const running = [
    addUp,
    addDown,
    addStatus,
    addTop,
    addMembers,
    addTransfer,
    addAlarms,
    addHash,
    addStateVersion,
  ];
  const cluster = [
    ...running,
    addSettings,
    addIncidents,
    addRecommendations,
    addBackup,
    addRestore,
    addBench,
    addChaos,
  ];
  const adders = [...cluster, addLock, addLocks, addLease, addElect, addKv, addWatch, addHelp, addCompletion];
  for (const add of adders) add(aegis);
  for (const entry of flattened(commandTable(aegis))) {
    entry.command.configureHelp({ showGlobalOptions: true }).exitOverride();
    entry.command.addHelpText('after', entry.path.length === 0 ? exitsText() : shortNotes(entry));
  }
  return aegis;
}

/** Runs a command line; returns its exit status. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    const aegis = program();
    if (asksForMenu(aegis, argv)) return await runMenu(aegis.opts(), argv);
    await aegis.parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`aegis: ${describeError(error)}\n`);
    return exitStatus(error);
  }
}
