import type { Command } from 'commander';
import type { ChaosPage } from '../chaos/page/index.js';
import { Cluster } from '../cluster/cluster.js';
import { readSecrets, type AgentSecrets } from '../config/agent-secrets.js';
import { ConfigService } from '../config/config-service.js';
import { SettingsStore } from '../config/settings-store.js';
import { channelCredentials } from '../stream/credentials.js';
import { ClusterFolder, DEFAULT_FOLDER } from '../supervisor/cluster-folder.js';
import { LiveJson } from '../supervisor/live-json.js';
import { LiveView, type View } from '../supervisor/live-view.js';
import { MemberKeeper } from '../supervisor/member-keeper.js';
import { judge, raise, untilReady, type Raised } from '../supervisor/raise.js';
import { chaosPort, MAX_REPLICAS } from '../supervisor/plan.js';
import { plain, plainJson } from '../terminal/plain.js';
import { withProgress } from '../terminal/progress.js';
import { folderTls, globalFlags, type GlobalFlags } from './context.js';
import { detach, isDetached, mention, report } from './detach.js';
import { describeError, exitStatus } from './exit.js';
import { parseWhole } from './parse.js';
import { planFlags, type PlanFlags } from './plan-flags.js';
import { nextSteps, readyFacts } from './up-ready.js';

interface UpFlags extends PlanFlags {
  readonly detach?: boolean;
  readonly restart: boolean;
  readonly allowFaults?: boolean;
  readonly settings?: string;
  readonly agent: boolean;
  readonly model?: string;
  readonly webhooks?: string;
  readonly dashboardPort?: string;
  readonly chaosPort?: string;
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
    .option('--model <file>', 'a model that the agent may ask: docs/model.md (default: none)')
    .option('--webhooks <file>', 'whom the agent tells: docs/notifications.md (default: nobody)')
    .option('--dashboard-port <port>', "the agent's dashboard (default: 4400, or four above --base-port)")
    .option(
      '--allow-faults',
      'let the replicas take orders to misbehave, and serve the page of faults: for tests',
    )
    .option('--chaos-port <port>', 'the page of faults (default: one above the dashboard)')
    .action(async (options: UpFlags, command: Command) => up(globalFlags(command), options));
}

async function up(flags: GlobalFlags, options: UpFlags): Promise<void> {
  const folder = new ClusterFolder(flags.dir ?? (process.env['AEGIS_DIR'] || DEFAULT_FOLDER));
  const request = planFlags(options);
  const dashboardPort = portOf('--dashboard-port', options.dashboardPort);
  const faultsPort = portOf('--chaos-port', options.chaosPort);
  judge(folder, request);
  const { model, webhooks } = options;
  const agent = options.agent ? readSecrets({ model, webhooks }, folder.agentSecretsPath) : undefined;
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
    const faults = options.allowFaults === true ? { port: faultsPort } : undefined;
    const config = { store, agent, dashboardPort, faults };
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
  config: {
    readonly store: SettingsStore | undefined;
    readonly agent: AgentSecrets | undefined;
    readonly dashboardPort: number | undefined;
    /** Undefined: none are allowed. */
    readonly faults: { readonly port: number | undefined } | undefined;
  },
  { view, say, json }: Telling,
  stopped: AbortSignal,
): Promise<void> {
  const credentials = channelCredentials(folderTls(folder, state, 'admin'));
  const addresses = (): string[] => supervisor.current.members.map(({ clientAddress }) => clientAddress);
  const cluster = new Cluster(addresses, credentials, ANSWER_MS);
  const keeper = new MemberKeeper(supervisor, cluster, say);
  keeper.start();
  let service: ConfigService | undefined;
  let chaos: ChaosPage | undefined;
  try {
    say(`starting ${state.members.length} replicas`);
    const status = await untilReady(supervisor, cluster, stopped);
    const missing = status.members.filter(({ healthy }) => !healthy);
    const warnings = missing.map(({ name }) => `${name} is not there: see ${folder.logPath(name)}`);
    for (const warning of warnings) say(warning);
    const { store, agent, dashboardPort } = config;
    if (store !== undefined) {
      service = new ConfigService({
        folder,
        supervisor,
        cluster,
        store,
        agent,
        dashboardPort,
        say,
      });
      // The cluster runs without it, too.
      await service.start().catch((error: unknown) => say(`settings and agent: ${describeError(error)}`));
    }
    if (config.faults !== undefined)
      chaos = await openChaos(folder, config.faults.port ?? chaosPort(state), say);
    const pages = { dashboard: service?.dashboard, chaos: chaos?.address };
    const ready = json
      ? plainJson(readyFacts(folder, state, warnings, pages))!
      : [...(isDetached() ? warnings : []), nextSteps(folder, state, pages)].join('\n');
    if (isDetached()) await report({ ready });
    else if (json || !process.stdout.isTTY) process.stdout.write(`${ready}\n`);
    view.follow(supervisor, cluster, status);
    await new Promise<void>((resolve) => {
      if (stopped.aborted) resolve();
      else stopped.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    keeper.stop();
    await chaos?.close();
    await service?.stop();
    cluster.close();
  }
}

/** Throws UsageError. */
function portOf(flag: string, port: string | undefined): number | undefined {
  return port === undefined ? undefined : parseWhole(flag, port, 1_024, 65_535);
}

/** The cluster runs without it, too. */
async function openChaos(
  folder: ClusterFolder,
  port: number,
  say: (line: string) => void,
): Promise<ChaosPage | undefined> {
  const { ChaosCalls, ChaosPage: Page } = await import('../chaos/page/index.js');
  const page = new Page(new ChaosCalls(folder, [process.execPath, ...process.execArgv, process.argv[1]!]));
  try {
    await page.listen(port);
    return page;
  } catch (error) {
    say(`the page of faults: ${(error as Error).message}; choose another port with --chaos-port`);
    await page.close();
    return undefined;
  }
}

/** Where it is told what happens; `say` also to whoever started this process in the background. */
interface Telling {
  readonly view: View;
  readonly say: (line: string) => void;
  readonly json: boolean;
}
