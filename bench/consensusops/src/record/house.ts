import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@aegis/client';
import { inject, LocalStage, startOwnCluster, type OwnCluster, type Trace } from '@aegis/client/chaos';
import type { Target } from '../truth/index.js';

/** How long all members may take to agree and catch up after a case; then the next one gets a cluster of its own. */
const SETTLE_MS_MAX = 25_000;
const CALM_MS = 1_500;
/** A cluster that many cases have been done to is not like a new one: its state has grown. */
const CASES_MAX = 8;
const BEHIND_MAX = 50;

/** A cluster in which cases are recorded, one after the other. */
export interface Place {
  readonly stage: LocalStage;
  readonly target: Target;
  readonly folder: string;
  readonly connect: () => Client;
}

/** Keeps a cluster for the next case as long as it is sound. */
export class House {
  #own: OwnCluster | undefined;
  #admin: Client | undefined;
  #settings = '';
  #cases = 0;

  constructor(
    private readonly say: (line: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** A cluster with which all is well, with these settings. */
  async place(trace: Trace): Promise<Place> {
    const settings = JSON.stringify([trace.replicas, trace.settings]);
    if (this.#own !== undefined) {
      const fits = settings === this.#settings && this.#cases < CASES_MAX;
      if (!(fits && (await this.#settled()))) await this.close();
    }
    if (this.#own === undefined) {
      this.#own = await startOwnCluster(trace, () => undefined, this.signal);
      this.#settings = settings;
      this.#cases = 0;
      this.#admin = this.#own.connect();
      if (!(await this.#settled())) throw new Error('a new cluster did not become sound');
    }
    this.#cases++;
    const own = this.#own;
    const { folder } = own;
    return {
      stage: new LocalStage(folder, this.#admin!.cluster),
      target: this.#target(),
      folder: folder.path,
      connect: () => own.connect(),
    };
  }

  /** The next case gets a new cluster. */
  async close(): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    await this.#admin?.close();
    this.#admin = undefined;
    if (own === undefined) return;
    this.say('the cluster is taken down');
    await own.close();
  }

  #target(): Target {
    const { folder, tls } = this.#own!;
    return {
      tls,
      stateFile: folder.statePath,
      members: folder.read()!.members.map(({ id, name, clientAddress, metricsAddress }) => ({
        id,
        name,
        client: clientAddress,
        metrics: metricsAddress,
        faults: join(folder.dataPath(name), 'faults.sock'),
      })),
    };
  }

  /** All follow one leader, have what is committed, and nothing is ordered to be wrong; for a while. */
  async #settled(): Promise<boolean> {
    const untilMs = performance.now() + SETTLE_MS_MAX;
    let calmSinceMs: number | undefined;
    while (performance.now() < untilMs && !this.signal.aborted) {
      if (await this.#sound()) {
        calmSinceMs ??= performance.now();
        if (performance.now() - calmSinceMs >= CALM_MS) return true;
      } else calmSinceMs = undefined;
      await sleep(250);
    }
    return false;
  }

  async #sound(): Promise<boolean> {
    const { members } = this.#target();
    const statuses = await this.#admin!.cluster.statuses(
      1_000,
      members.map(({ client }) => client),
    );
    const answers = statuses.flatMap((each) => ('status' in each ? [each.status] : []));
    const [first] = answers;
    if (first === undefined || answers.length < members.length || first.leaderId === 0) return false;
    const commit = Math.max(...answers.map(({ commitIndex }) => commitIndex));
    if (
      answers.some(
        ({ leaderId, term, appliedIndex }) =>
          leaderId !== first.leaderId || term !== first.term || commit - appliedIndex > BEHIND_MAX,
      )
    )
      return false;
    const orders = await Promise.all(
      members.map(({ faults }) =>
        inject(faults, { fault: 'none' }).then(
          () => true,
          () => false,
        ),
      ),
    );
    return orders.every(Boolean);
  }
}
