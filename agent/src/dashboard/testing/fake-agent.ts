import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EvidenceLog } from '../../evidence/index.js';
import { AgentFolder } from '../../run/agent-folder.js';
import { standingOf } from '../../run/testing.js';
import { NAMES } from '../../testing/cluster.js';
import { Dashboard } from '../dashboard.js';
import { Views } from '../views.js';
import type { Known } from '../live/watch.js';
import { layIncident, type FakeIncident } from './fake-incident.js';
import { FakeReplica } from './fake-replica.js';

/** A dashboard over made-up replicas and a real folder of an agent. */
export class FakeAgent {
  known: Known | undefined;
  #dashboard: Dashboard | undefined;
  #port = 0;

  private constructor(
    readonly replicas: readonly FakeReplica[],
    readonly folder: AgentFolder,
    readonly evidence: EvidenceLog,
  ) {}

  /** @param many replicas, of which the first leads */
  static async start(many = 5, hosts: readonly string[] = []): Promise<FakeAgent> {
    const replicas = await Promise.all(
      Array.from({ length: many }, (_, at) => {
        const others = Array.from({ length: many }, (_, other) => other + 1).filter((id) => id !== at + 1);
        const links = Object.fromEntries(
          others.map((id) => [id, { roundTripSeconds: 0.0004 + id / 10_000, answers: true }]),
        );
        const own = { leads: at === 0, hasLeader: true, term: 3, committed: 1_000, fsyncSeconds: 0.004 };
        return FakeReplica.start({ ...own, diskFull: false, leases: 250, links, stuck: false, locks: [] });
      }),
    );
    const folder = new AgentFolder(mkdtempSync(join(tmpdir(), 'aegis-dashboard-')));
    const agent = new FakeAgent(replicas, folder, EvidenceLog.open(folder.evidencePath));
    const members = replicas.map(({ metricsUrl: metrics }, at) => {
      return { name: many === NAMES.length ? NAMES[at]! : `aegis-${at + 1}`, id: at + 1, metrics };
    });
    agent.known = { standing: standingOf({ members }), supervisor: null };
    await agent.resume(hosts);
    return agent;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  incident(incident: FakeIncident): Promise<void> {
    return layIncident(this.folder, this.evidence, incident);
  }

  /** A new agent at the same place. */
  async resume(hosts: readonly string[] = []): Promise<void> {
    const { folder, evidence } = this;
    const views = new Views();
    views.show('', { folder, evidence, known: () => this.known });
    this.#dashboard = new Dashboard(views, hosts);
    await this.#dashboard.server.start({ host: '127.0.0.1', port: this.#port });
    this.#port = this.#dashboard.server.port;
  }

  /** The agent dies; its replicas do not. */
  async die(): Promise<void> {
    await this.#dashboard?.stop();
    this.#dashboard = undefined;
  }

  async stop(): Promise<void> {
    await this.die();
    await Promise.all(this.replicas.map((replica) => replica.stop()));
    this.evidence.close();
    rmSync(this.folder.path, { recursive: true });
  }
}
