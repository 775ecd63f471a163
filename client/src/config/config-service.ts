import { isProfile } from '@aegis/replica/settings';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Cluster } from '../cluster/cluster.js';
import type { ClusterFolder, ClusterState } from '../supervisor/cluster-folder.js';
import { SupervisorError } from '../supervisor/errors.js';
import type { MemberProcess } from '../supervisor/member-process.js';
import { alive, signal } from '../supervisor/process-identity.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import { agentMetricsAddress, dashboardPort } from '../supervisor/plan.js';
import { isFree } from '../supervisor/ports.js';
import { planAgent, prepareAgent } from './agent-process.js';
import type { AgentSecrets } from './agent-secrets.js';
import { AgentServer } from './agent-server.js';
import { BASE, CLUSTER, configFolder, makeConfigFolder, NAMESPACE, SETTINGS_PATH } from './config-folder.js';
import type { Owner } from './document.js';
import { ConfigFollower } from './follower.js';
import { GuardedRepository } from './guarded-repository.js';
import { LiveStage } from './live-stage.js';
import { GitRepository } from './repository.js';
import { sameForMembers } from './roll.js';
import type { SettingsStore } from './settings-store.js';
import type { Standing } from './standing.js';
import { Verifier, verifierProgram } from './verifier.js';

const AGENT_STOP_MS = 5_000;

export interface ConfigServiceParts {
  readonly folder: ClusterFolder;
  readonly supervisor: Supervisor;
  readonly cluster: Cluster;
  readonly store: SettingsStore;
  /** What the agent may read besides its own folder; undefined: none is started. */
  readonly agent: AgentSecrets | undefined;
  /** Of the dashboard, on this machine's own address. Undefined: the cluster's usual one. */
  readonly dashboardPort?: number | undefined;
  /** For people. */
  readonly say: (line: string) => void;
}

/** Settings by merge on one machine: the repository, whoever follows it, the agent, and the socket between both. */
export class ConfigService {
  private readonly stopped = new AbortController();
  private following: Promise<void> = Promise.resolve();
  private server: AgentServer | undefined;
  private agent: MemberProcess | undefined;
  private socketPath: string | undefined;
  private readonly verifier: Verifier;
  /** Where the agent's dashboard is; undefined: there is none. */
  dashboard: string | undefined;

  constructor(private readonly parts: ConfigServiceParts) {
    const { folder } = parts;
    this.verifier = new Verifier({ folder: folder.verificationsPath, program: verifierProgram() });
  }

  /** Where git is missing the cluster runs, and its settings stay as they are. */
  async start(): Promise<void> {
    const { folder, supervisor, cluster, store, say } = this.parts;
    const owner = ownerOf(supervisor.current);
    let repository: GitRepository;
    try {
      repository = await makeConfigFolder(folder.path, owner);
    } catch (error) {
      if (!(error instanceof SupervisorError)) throw error;
      say(`settings cannot be merged here: ${error.message}`);
      return;
    }
    const { signal } = this.stopped;
    const stage = new LiveStage(supervisor, cluster, store, signal);
    const follower = new ConfigFollower({ repository, store, stage, owner, now: Date.now, say });
    this.following = follower.follow(signal);
    if (this.parts.agent !== undefined) await this.startAgent(owner, this.parts.agent);
  }

  /** Ends the agent and a change that is under way, between two members; it goes on at the next start. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.agent?.stop(AGENT_STOP_MS);
    if (this.agent !== undefined) this.parts.supervisor.noteAgent(null);
    await this.server?.close();
    if (this.socketPath !== undefined && this.socketPath !== this.parts.folder.agentSocketPath)
      rmSync(dirname(this.socketPath), { recursive: true, force: true });
    await this.verifier.stop();
    await this.following;
  }

  private async startAgent(owner: Owner, secrets: AgentSecrets): Promise<void> {
    const { folder, supervisor, store, say } = this.parts;
    const { insecure, agent: before } = supervisor.current;
    if (insecure) {
      say('no agent: without TLS whoever is on this machine may write to the cluster, and so could it');
      return;
    }
    const plan = planAgent(folder);
    if (typeof plan === 'string') {
      say(`no agent: ${plan}`);
      return;
    }
    // Two would write one file of evidence.
    if (before !== undefined && before !== null && alive(before)) signal(before, 'SIGKILL');
    const { repository: dir } = configFolder(folder.path);
    const guarded = new GuardedRepository(new GitRepository({ dir, base: BASE }), {
      base: BASE,
      path: SETTINGS_PATH,
      owner,
      running: () => store.state.settings,
      lastHealthy: () => store.state.lastHealthy,
    });
    const verify = this.verifier.verify.bind(this.verifier);
    this.server = new AgentServer({ repository: guarded, standing: () => this.standing(owner), verify });
    this.socketPath = socketPathOf(folder);
    await this.server.listen(this.socketPath, plan.uid);
    const events = {
      onLine: say,
      onProcess: (_: string, process: Parameters<Supervisor['noteAgent']>[0]) =>
        supervisor.noteAgent(process),
    };
    const places = {
      repository: dir,
      socket: this.socketPath,
      metrics: agentMetricsAddress(supervisor.current),
    };
    const port = await this.openPort();
    const dashboard = port === undefined ? {} : { dashboard: `127.0.0.1:${port}` };
    this.agent = prepareAgent(folder, plan, { ...places, ...dashboard }, secrets, events);
    this.agent.start();
    this.dashboard = port === undefined ? undefined : `http://127.0.0.1:${port}`;
    say(
      `the agent watches; it can propose and not merge${plan.limit === undefined ? '' : ` (${plan.limit})`}`,
    );
  }

  /** The dashboard's port, if nobody has it. */
  private async openPort(): Promise<number | undefined> {
    const { supervisor, dashboardPort: asked, say } = this.parts;
    const port = asked ?? dashboardPort(supervisor.current);
    if (await isFree(port)) return port;
    say(
      `no dashboard: port ${port} is in use on this machine. Choose another one: aegis up --dashboard-port PORT`,
    );
    return undefined;
  }

  private standing({ namespace, cluster, profile }: Owner): Standing {
    const { clusterId, members } = this.parts.supervisor.current;
    const { settings, lastHealthy, changes, members: files } = this.parts.store.state;
    const same = Object.values(files).every((each) => sameForMembers(each, settings));
    return {
      ...{ clusterId, namespace, cluster, profile, path: SETTINGS_PATH, base: BASE },
      members: members.map(({ name, id, metricsAddress }) => {
        return { name, id, metrics: `http://${metricsAddress}/metrics` };
      }),
      settings: same ? settings : undefined,
      lastHealthy,
      changes: changes.map(({ commit, patch, at }) => ({ commit, patch, at })),
    };
  }
}

function ownerOf({ profile, members }: ClusterState): Owner {
  const own = isProfile(profile) ? profile : 'all';
  return { namespace: NAMESPACE, cluster: CLUSTER, profile: own, replicas: members.length };
}

/** The system bounds the length of a socket's path; a folder deep down has its socket elsewhere. */
const SOCKET_PATH_BYTES_MAX = 100;

function socketPathOf({ agentSocketPath }: ClusterFolder): string {
  if (Buffer.byteLength(agentSocketPath) <= SOCKET_PATH_BYTES_MAX) return agentSocketPath;
  const folder = mkdtempSync(join(tmpdir(), 'aegis-agent-'));
  chmodSync(folder, 0o711);
  return join(folder, 'agent.sock');
}
