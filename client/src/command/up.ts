import type { Command } from 'commander';
import { Cluster } from '../cluster/cluster.js';
import { ConfigService } from '../config/config-service.js';
import { SettingsStore } from '../config/settings-store.js';
import { channelCredentials } from '../stream/credentials.js';
import { ClusterFolder, DEFAULT_FOLDER, type ClusterState } from '../supervisor/cluster-folder.js';
import { LiveJson } from '../supervisor/live-json.js';
import { LiveView, type View } from '../supervisor/live-view.js';
import { MemberKeeper } from '../supervisor/member-keeper.js';
import { judge, raise, untilReady, type Raised } from '../supervisor/raise.js';
import { MAX_REPLICAS } from '../supervisor/plan.js';
import { plain, plainJson } from '../terminal/plain.js';
import { withProgress } from '../terminal/progress.js';
import { folderTls, globalFlags, type GlobalFlags } from './context.js';
import { detach, isDetached, mention, report } from './detach.js';
import { describeError, exitStatus } from './exit.js';
import { planFlags, type PlanFlags } from './plan-flags.js';

interface UpFlags extends PlanFlags {
  readonly detach?: boolean;
  readonly restart: boolean;
  readonly allowFaults?: boolean;
  readonly settings?: string;
  readonly agent: boolean;
}

const ANSWER_MS = 2_000;

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start a cluster on this machine, or the one that was made here before, and watch over it')
    .option('--profile <profile>', 'the services that it opens: all, locks or kv (default: all)')
    .option('--replicas <n>', `1 to ${MAX_REPLICAS}, odd numbers make sense (default: 5)`)
    .option('--base-port <port>', "the first replica's; each has three, ten apart (default: 4410)")
    .option('--detach', 'return when the cluster is ready, and go on in the background')
    .option('--no-restart', 'leave replicas dead that die')
    .option('--insecure', 'no TLS: for benchmarks')
    .option(
      '--settings <file>',
      "the members' settings, instead of what is merged in the folder config (default: that, which begins with the profile's)",
    )
    .option('--no-agent', 'do not start the operations agent')
    .option('--allow-faults', 'let the replicas take orders to misbehave: for tests')
    .action(async (options: UpFlags, command: Command) => up(globalFlags(command), options));
}

async function up(flags: GlobalFlags, options: UpFlags): Promise<void> {
  const folder = new ClusterFolder(flags.dir ?? (process.env['AEGIS_DIR'] || DEFAULT_FOLDER));
  const request = planFlags(options);
  judge(folder, request);
  if (options.detach === true && !isDetached()) {
    const ready = await withProgress(`starting the cluster in ${folder.path}`, (progress) =>
      detach(folder, (detail) => progress.update({ detail })),
    );
    process.stdout.write(`${ready}\n`);
    return;
  }
  const stopped = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopped.abort());
  const title = `aegis up · ${folder.path} · Ctrl-C stops the cluster · from another terminal: aegis status`;
  const view =
    flags.json === true ? new LiveJson(process.stdout) : new LiveView(process.stdout, plain(title));
  const say = (line: string): void => {
    view.line(line);
    mention(line);
  };
  let raised: Raised | undefined;
  try {
    const store = options.settings === undefined ? new SettingsStore(folder.settingsPath) : undefined;
    const settings = store ?? options.settings;
    const supervision = { restart: options.restart, settings, allowFaults: options.allowFaults === true };
    raised = await raise(folder, request, supervision, say);
    const config = { store, agent: options.agent };
    await watchOver(raised, folder, config, { view, say, json: flags.json === true }, stopped.signal);
  } catch (error) {
    if (!stopped.signal.aborted) {
      if (isDetached()) await report({ failed: describeError(error), status: exitStatus(error) });
      throw error;
    }
  } finally {
    view.stop();
    if (raised !== undefined) {
      view.line('stopping');
      await raised.stop();
      view.line('stopped; the data stays in ' + folder.path);
    }
  }
}

/** @param config undefined store: the settings come from a file, and nobody proposes others */
async function watchOver(
  { supervisor, state }: Raised,
  folder: ClusterFolder,
  config: { readonly store: SettingsStore | undefined; readonly agent: boolean },
  { view, say, json }: Telling,
  stopped: AbortSignal,
): Promise<void> {
  const credentials = channelCredentials(folderTls(folder, state, 'admin'));
  const addresses = (): string[] => supervisor.current.members.map(({ clientAddress }) => clientAddress);
  const cluster = new Cluster(addresses, credentials, ANSWER_MS);
  const keeper = new MemberKeeper(supervisor, cluster, say);
  keeper.start();
  let service: ConfigService | undefined;
  try {
    say(`starting ${state.members.length} replicas`);
    const status = await untilReady(supervisor, cluster, stopped);
    const missing = status.members.filter(({ healthy }) => !healthy);
    const warnings = missing.map(({ name }) => `${name} is not there: see ${folder.logPath(name)}`);
    for (const warning of warnings) say(warning);
    const { store, agent } = config;
    if (store !== undefined) {
      service = new ConfigService({
        folder,
        supervisor,
        cluster,
        store,
        agent,
        say,
      });
      // The cluster runs without it, too.
      await service.start().catch((error: unknown) => say(`settings and agent: ${describeError(error)}`));
    }
    const ready = json
      ? plainJson(readyFacts(folder, state, warnings))!
      : [...(isDetached() ? warnings : []), nextSteps(folder, state)].join('\n');
    if (isDetached()) await report({ ready });
    else if (json || !process.stdout.isTTY) process.stdout.write(`${ready}\n`);
    view.follow(supervisor, cluster, status);
    await new Promise<void>((resolve) => {
      if (stopped.aborted) resolve();
      else stopped.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    keeper.stop();
    await service?.stop();
    cluster.close();
  }
}

/** Where it is told what happens; `say` also to whoever started this process in the background. */
interface Telling {
  readonly view: View;
  readonly say: (line: string) => void;
  readonly json: boolean;
}

function readyFacts(folder: ClusterFolder, state: ClusterState, warnings: readonly string[]): object {
  const { clusterId, profile, members } = state;
  const endpoints = members.map(({ clientAddress }) => clientAddress);
  const at = new Date().toISOString();
  return { at, message: 'ready', folder: folder.path, clusterId, profile, endpoints, warnings };
}

function nextSteps(folder: ClusterFolder, state: ClusterState): string {
  const endpoints = state.members.map(({ clientAddress }) => clientAddress);
  // The other commands find the folder by themselves only from here or below.
  const dir = ClusterFolder.nearest()?.path === folder.path ? '' : ` --dir ${folder.path}`;
  return [
    `The cluster in ${folder.path} is ready: ${endpoints.join(',')}`,
    'Next:',
    `  aegis status${dir}`,
    `  aegis incidents${dir}, aegis recommendations${dir}`,
    `  aegis lock demo${dir} -- sh -c 'echo $AEGIS_FENCING_TOKEN'`,
    `  aegis down${dir}            (its data stays; with --volumes it goes too)`,
  ].join('\n');
}
