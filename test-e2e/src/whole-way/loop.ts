import { writeFileSync } from 'node:fs';

import { eventually } from '../harness/clock.js';
import { Person } from '../harness/person.js';
import type { TestBed } from '../harness/test-bed.js';
import { UpCluster } from '../harness/up.js';
import { Clients } from './clients.js';

/** What `aegis incidents --json` says, as far as it is read here. Times are milliseconds since 1970. */
export interface Incident {
  readonly id: string;
  readonly classes: readonly string[];
  readonly onset: number;
  readonly openedAt: number;
  readonly endedAt?: number;
  readonly causes?: readonly { readonly fault: string; readonly at: string }[];
  readonly advice?: string;
  readonly postmortem?: string;
}

/** What `aegis recommendations --json` says, as far as it is read here. */
export interface Recommendation {
  readonly id: string;
  readonly patch: Readonly<Record<string, number>>;
  readonly phase: string;
  readonly reason: string;
  readonly branch?: string;
  readonly verification?: {
    readonly result: string;
    readonly signal?: string;
    readonly before?: number;
    readonly after?: number;
    readonly deltaLow?: number;
    readonly deltaHigh?: number;
  };
}

/** What clients saw while a trace ran. */
export interface Seen {
  readonly ok: number;
  readonly failed: number;
  readonly longestGapMs: number;
  /** New terms from before the trace to after it. */
  readonly terms: number;
}

const POLL_MS = 1_000;
const HOUR_MS = 3_600_000;

/** A cluster on this machine with its agent, and a person beside it. */
export class Loop {
  readonly person: Person;
  readonly clients: Clients;

  private constructor(readonly cluster: UpCluster) {
    this.person = new Person(cluster);
    this.clients = new Clients(cluster);
  }

  static async start(bed: TestBed, name: string): Promise<Loop> {
    return new Loop(await UpCluster.start(bed, name, 5, '--agent', '--allow-faults'));
  }

  /** `aegis chaos run` from its beginning to its end. */
  async chaos(trace: string): Promise<Seen> {
    const { term } = await this.cluster.status();
    const ran = this.cluster.aegis('chaos', 'run', trace, '--json');
    if ((await ran.status(150_000)) !== 0) throw new Error(ran.tail());
    const { sli } = JSON.parse(ran.stdout.join('\n')) as { sli: Omit<Seen, 'terms'> };
    const { ok, failed, longestGapMs } = sli;
    return { ok, failed, longestGapMs, terms: (await this.cluster.status()).term - term };
  }

  incidents(): Promise<Incident[]> {
    return this.cluster.json('incidents');
  }

  /** The first incident of which `is` holds. */
  incident(what: string, withinMs: number, is: (incident: Incident) => boolean): Promise<Incident> {
    return eventually(what, withinMs, async () => (await this.incidents()).find(is), POLL_MS);
  }

  /** The newest recommendation of which `is` holds. */
  recommendation(
    what: string,
    withinMs: number,
    is: (recommendation: Recommendation) => boolean,
  ): Promise<Recommendation> {
    return eventually(what, withinMs, async () => (await this.recommendations()).findLast(is), POLL_MS);
  }

  recommendations(): Promise<Recommendation[]> {
    return this.cluster.json('recommendations');
  }

  /** Stops the cluster and starts it again as if an hour had passed: what was merged last is no change of late any more. */
  async anHourLater(): Promise<void> {
    await this.cluster.run('down');
    const state = this.cluster.settingsState();
    const changes = state.changes.map((change) => ({ ...change, at: change.at - HOUR_MS }));
    writeFileSync(this.cluster.settingsStatePath, JSON.stringify({ ...state, changes }));
    const up = this.cluster.aegis('up', '--detach', '--allow-faults');
    if ((await up.status(60_000)) !== 0) throw new Error(up.tail());
  }

  /** How many replicas say themselves that they have this election timeout. */
  async running({ electionTimeoutMs }: Setting): Promise<number> {
    // While members restart, the command that asks may fail.
    const told = await this.cluster.electionTimeouts().catch(() => []);
    return told.filter((seconds = 0) => Math.round(1000 * seconds) === electionTimeoutMs).length;
  }

  /** True when all of them do, and the settings are out of this commit. */
  async runs(commit: string, settings: Setting): Promise<true | undefined> {
    const { commit: now, condition } = this.cluster.settingsState();
    if (now !== commit || condition.state !== 'InSync') return undefined;
    return (await this.running(settings)) === 5 ? true : undefined;
  }

  async close(): Promise<void> {
    await this.clients.end();
    await this.cluster.run('down');
  }
}

/** Settings, the election timeout among them. */
type Setting = Readonly<Record<string, number>>;
