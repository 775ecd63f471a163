import type { Command } from 'commander';
import { misfit } from '../chaos/local/misfit.js';
import type { RunResult } from '../chaos/run/run-trace.js';
import type { Trace } from '../chaos/trace/trace.js';
import { connect } from '../client.js';
import { Cluster } from '../cluster/cluster.js';
import { table } from '../status/render.js';
import { channelCredentials } from '../stream/credentials.js';
import { withProgress, type Progress } from '../terminal/progress.js';
import { chosenFolder, folderTls, globalFlags, type GlobalFlags } from './context.js';
import { UsageError } from './exit.js';
import { interruptible } from './interrupt.js';
import { parseDuration, parseWhole } from './parse.js';
import { print } from './print.js';

interface RunFlags {
  readonly seed?: string;
  readonly own?: boolean;
}

export function addChaos(program: Command): void {
  const chaos = program
    .command('chaos')
    .description('let faults and load happen to a cluster as a trace says');
  chaos
    .command('list')
    .description('the traces that come with AEGIS')
    .action(async (_options: unknown, command: Command) => {
      const { libraryNames, loadTrace } = await import('../chaos/library.js');
      const traces = libraryNames().map(loadTrace);
      const rows = traces.map(({ name, durationMs, about }) => [name, `${durationMs / 1000} s`, about]);
      print(globalFlags(command), traces, table(['TRACE', 'TAKES', 'WHAT HAPPENS'], rows));
    });
  chaos
    .command('run')
    .argument('<trace>', 'a file, or a name of the list')
    .description(
      'run a trace against the cluster of --dir, or one of its own; whatever it did is undone in the end',
    )
    .option('--seed <n>', "draw who plays which role from this, instead of the trace's own seed")
    .option('--own', 'start a cluster for it in a temporary folder, and take it down afterwards')
    .action(async (which: string, options: RunFlags, command: Command) => {
      const flags = globalFlags(command);
      const { loadTrace } = await import('../chaos/library.js');
      const trace = loadTrace(which);
      const result = await withProgress(`preparing ${trace.name}`, (progress) =>
        interruptible((signal) => run(trace, flags, options, progress, signal)),
      );
      print(flags, result, render(result));
    });
  chaos
    .command('check')
    .argument('<file>')
    .description('say what is wrong with a trace, without running it')
    .action(async (file: string, _options: unknown, command: Command) => {
      const { loadTrace } = await import('../chaos/library.js');
      const trace = loadTrace(file);
      print(
        globalFlags(command),
        trace,
        `${trace.name}: ${trace.faults.length} faults, ${trace.load.length} loads`,
      );
    });
}

async function run(
  trace: Trace,
  flags: GlobalFlags,
  options: RunFlags,
  progress: Progress,
  signal: AbortSignal,
): Promise<RunResult> {
  const { runTrace } = await import('../chaos/run/run-trace.js');
  const { LocalStage } = await import('../chaos/local/local-stage.js');
  const seed = options.seed === undefined ? {} : { seed: parseWhole('--seed', options.seed, 0, 2 ** 32 - 1) };
  const say = (line: string): void => progress.line(line);
  const own =
    options.own === true
      ? await ownCluster(trace, say, signal)
      : theirs(trace, flags, (folder) => LocalStage.whyNot(folder));
  const timeoutMs = parseDuration('--timeout', flags.timeout ?? '10s');
  const { folder, endpoints, tls } = own;
  const cluster = new Cluster(() => endpoints, channelCredentials(tls), timeoutMs);
  try {
    say(`${trace.name}, ${trace.durationMs / 1000} s: ${trace.about}`);
    progress.phase(`running ${trace.name}`, trace.durationMs);
    return await runTrace(trace, new LocalStage(folder, cluster), {
      ...seed,
      signal,
      connect: () =>
        connect({ endpoints, requestTimeoutMs: timeoutMs, ...(tls === undefined ? {} : { tls }) }),
      onDone: ({ atMs, what, kind, members, error }) =>
        say(
          `${(atMs / 1000).toFixed(1).padStart(6)} s  ${what} ${kind} ${members.map((id) => `aegis-${id}`).join(', ')}${error === undefined ? '' : `: ${error}`}`,
        ),
    });
  } finally {
    progress.phase('ending');
    cluster.close();
    await own.close();
  }
}

async function ownCluster(trace: Trace, say: (line: string) => void, signal: AbortSignal) {
  const { startOwnCluster } = await import('../chaos/local/own-cluster.js');
  return startOwnCluster(trace, say, signal);
}

/** The cluster of the folder, if it fits the trace. */
function theirs(
  trace: Trace,
  flags: GlobalFlags,
  whyNot: (folder: ReturnType<typeof chosenFolder>) => string | undefined,
) {
  const folder = chosenFolder(flags);
  const reason = whyNot(folder);
  if (reason !== undefined) throw new UsageError(`${reason}; or give the trace a cluster of its own: --own`);
  const state = folder.read()!;
  const why = misfit(trace, state);
  if (why !== undefined) throw new UsageError(`${trace.name}, in ${folder.path}: ${why}; use --own`);
  const endpoints = state.members.map(({ clientAddress }) => clientAddress);
  return { folder, endpoints, tls: folderTls(folder, state, 'admin'), close: async () => {} };
}

function render({ roles, sli, done }: RunResult): string {
  const failed = done.filter(({ error }) => error !== undefined);
  const cast = Object.entries(roles).map(([role, member]) => `${role} was aegis-${member}`);
  const seen =
    sli === undefined
      ? []
      : [
          `clients: ${sli.ok} answered, ${sli.failed} failed, longest gap ${sli.longestGapMs} ms`,
          ...Object.entries(sli.errors).map(([code, times]) => `  ${code}: ${times}`),
        ];
  return (
    [...cast, ...failed.map(({ kind, error }) => `could not ${kind}: ${error}`), ...seen].join('\n') || 'done'
  );
}
