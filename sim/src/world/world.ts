import {
  Random,
  SimulatedCluster,
  type SimulatedMember,
  silentSnapshotEvents,
  StateType,
  withoutRealWorld,
} from '@aegis/replica/sim';

import { Checks } from '../checks/checks.js';
import type { Violation } from '../checks/verdict.js';
import { ClientProcess } from '../clients/client-process.js';
import { Nemesis } from '../faults/nemesis.js';
import type { OperationKind, WorldPlan } from '../plan/plan.js';
import { calmDown, goOn } from './liveness.js';
import { Processes } from './processes.js';
import { Trace, type TraceEvent } from './trace.js';

/** Everything is compared with everything after so many steps. */
const FULL_EVERY_STEPS = 1000;
const REGISTERS_EVERY_STEPS = 20_000;

export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | undefined;
  /** Of the members that the violation names. */
  readonly newest: readonly TraceEvent[];
  readonly simulatedMs: number;
  readonly steps: number;
  readonly traceHash: string;
  /** Of entries that were applied anywhere. */
  readonly entries: number;
  /** Operations of clients that ended well, or with an error. */
  readonly operations: { readonly done: number; readonly failed: number };
  readonly tally: Readonly<Record<string, number>>;
}

/** A cluster and its clients under the faults of a plan. */
export class World {
  readonly plan: WorldPlan;
  readonly random: Random;
  readonly cluster: SimulatedCluster;
  readonly checks: Checks;
  readonly trace = new Trace();
  readonly clients: ClientProcess[] = [];
  readonly processes: Processes;
  /** Whether clients begin new operations. */
  working = true;
  readonly tally: Record<string, number> = {};
  #violation: Violation | undefined;
  #moment = 0;
  #done = 0;
  #failed = 0;

  constructor(plan: WorldPlan) {
    this.plan = plan;
    this.random = new Random(plan.seed);
    const { link, links, drift, disk, busyMs } = plan.environment;
    this.cluster = new SimulatedCluster(
      plan.replicas,
      this.random.below(2 ** 31),
      {
        applied: (member, entry, applied, hash) => {
          this.checks.applied(member, entry, applied, hash, this.member(member).life!);
          this.trace.note(this.nowMs, member, `applied ${entry.term}/${entry.index} ${hash.slice(0, 8)}`);
        },
        leading: () => {},
        roleChanged: (member, lead, role, term) => {
          this.note(member, `${roleName(role)} in term ${term}, leader ${lead}`);
          this.checks.roleChanged(member, role, term);
          if (role === StateType.Leader) this.count('leaders');
        },
        proposed: (member, term, index) => {
          const { workedMs } = this.member(member).environment!;
          this.checks.history.proposed(term, index, this.nowMs + workedMs);
        },
        installed: (member, index, hash) => {
          this.note(member, `installed a snapshot of ${index}`);
          this.count('snapshots');
          this.checks.history.installed(member, index, hash);
        },
        snapshots: (member) => ({
          ...silentSnapshotEvents,
          refused: (from, reason) => this.note(member, `refused a snapshot of ${from}: ${reason}`),
        }),
        fatal: (member, error) => this.processes.fatal(this.member(member), error),
      },
      plan.settings,
      {
        network: { encodes: plan.encodes, arriving: (parcel) => this.checks.arriving(parcel) },
        segmentBytes: 64 * 1024,
      },
    );
    const { queue, members, network } = this.cluster;
    network.faults = link;
    for (const { from, to, quality } of links) network.setQuality(from, to, quality);
    for (const member of members) {
      member.pace = { ...disk };
      member.busyMs = busyMs;
      member.clock.setRate(1 + drift * (2 * this.random.fraction() - 1));
    }
    this.checks = new Checks({
      report: (invariant, seen, involved = []) => this.report(invariant, seen, involved),
      members,
      nowMs: () => queue.nowMs,
      drift: 2.1 * drift + 0.0001,
    });
    this.processes = new Processes(this);
    for (let at = 0; at < plan.workload.clients; at++) {
      const client = new ClientProcess(this, at);
      client.clock.setRate(1 + drift * (2 * this.random.fraction() - 1));
      this.clients.push(client);
      for (const { id } of members) {
        network.setQuality(client.place, id, plan.environment.clientLink);
        network.setQuality(id, client.place, plan.environment.clientLink);
      }
    }
  }

  get nowMs(): number {
    return this.cluster.queue.nowMs;
  }

  get violated(): boolean {
    return this.#violation !== undefined;
  }

  /** A number larger than all that were given before: a moment in the order of what clients see. */
  moment(): number {
    return ++this.#moment;
  }

  member(id: number): SimulatedMember {
    return this.cluster.members.find((member) => member.id === id)!;
  }

  note(member: number, what: string): void {
    this.trace.note(this.nowMs, member, what);
  }

  count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }

  counted(kind: OperationKind, well: boolean): void {
    if (well) this.#done++;
    else this.#failed++;
    if (well) this.count(kind);
  }

  report(invariant: string, seen: string, members: readonly number[] = []): void {
    if (this.#violation !== undefined) return;
    this.#violation = { invariant, seen, members };
    this.note(0, `VIOLATION ${invariant}: ${seen}`);
    this.cluster.queue.stop();
  }

  /** Runs the plan to its end, or to the first violation. To be called from a turn of the real event loop. */
  run(): Outcome {
    try {
      withoutRealWorld(() => this.#run());
    } catch (error) {
      this.report('no exception', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const { violation, newest } = { violation: this.#violation, newest: this.#newest() };
    return {
      seed: this.plan.seed,
      violation,
      newest,
      simulatedMs: this.nowMs,
      steps: this.cluster.queue.steps,
      traceHash: this.trace.hash,
      entries: this.checks.history.last,
      operations: { done: this.#done, failed: this.#failed },
      tally: this.tally,
    };
  }

  /** Lets so much time pass, or until so many steps have run, looking at everything now and then. */
  pass(ms: number, steps = Infinity): void {
    const end = this.nowMs + ms;
    while (this.nowMs < end && this.cluster.queue.steps < steps && !this.violated) {
      this.cluster.queue.runNow(Math.min(20, end - this.nowMs));
      this.#look();
    }
  }

  #nextFull = FULL_EVERY_STEPS;
  #nextRegisters = REGISTERS_EVERY_STEPS;
  #look(): void {
    const { steps } = this.cluster.queue;
    if (steps >= this.#nextFull) {
      this.#nextFull = steps + FULL_EVERY_STEPS;
      this.checks.full();
    }
    if (steps >= this.#nextRegisters) {
      this.#nextRegisters = steps + REGISTERS_EVERY_STEPS;
      this.checks.registersFull();
    }
  }

  #run(): void {
    for (const member of this.cluster.members) this.processes.start(member);
    this.pass(50);
    for (const client of this.clients) client.start();
    const nemesis = new Nemesis(this);
    nemesis.begin();
    this.pass(this.plan.durationMs, this.plan.steps);
    nemesis.end();
    if (!this.violated && this.plan.liveness) goOn(this);
    if (!this.violated) calmDown(this);
    this.checks.full();
    this.checks.registersFull();
  }

  #newest(): TraceEvent[] {
    if (this.#violation === undefined) return [];
    const { members } = this.#violation;
    return this.trace.newest(members.length > 0 ? members : this.cluster.members.map(({ id }) => id));
  }
}

const ROLES: Readonly<Record<StateType, string>> = {
  [StateType.Follower]: 'follower',
  [StateType.Candidate]: 'candidate',
  [StateType.Leader]: 'leader',
  [StateType.PreCandidate]: 'pre-candidate',
};

function roleName(role: StateType): string {
  return ROLES[role];
}
