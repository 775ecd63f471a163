import type { Recording } from '@aegis/agent/telemetry';
import {
  type Applied,
  Random,
  SimulatedCluster,
  type Parcel,
  type SimulatedMember,
  silentSnapshotEvents,
  StateType,
  withoutRealWorld,
} from '@aegis/replica/sim';

import { Checks } from '../checks/checks.js';
import type { Violation } from '../checks/verdict.js';
import { ClientProcess } from '../clients/client-process.js';
import { type Acted, Chaos } from '../chaos/chaos.js';
import { driftOf } from '../chaos/plan-of-trace.js';
import { Nemesis } from '../faults/nemesis.js';
import { Places } from '../membership/places.js';
import { Supervisor } from '../membership/supervisor.js';
import {
  MEMBERSHIP,
  MEMBERSHIP_FAULTS,
  type MembershipPlan,
  type OperationKind,
  type WorldPlan,
} from '../plan/plan.js';
import { Scraper } from '../telemetry/scraper.js';
import { calmDown, goOn } from './liveness.js';
import { Processes } from './processes.js';
import { Trace, type TraceEvent } from './trace.js';

/** Everything is compared with everything after so many steps. */
const FULL_EVERY_STEPS = 1000;
const REGISTERS_EVERY_STEPS = 20_000;

/** So small that logs begin new segments all the time. */
const SEGMENT_BYTES = 64 * 1024;
/** Where a trace happens, a segment lasts for minutes of the load, as on real machines: a full disk has room for what is logged meanwhile. */
const ROOMY_SEGMENT_BYTES = 1024 * 1024;

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
  /** Where the plan asks for one. */
  readonly recording?: Recording;
  /** Where a trace happened. */
  readonly acted?: Acted;
}

/** What a fault may wait for. It must not do anything in that very moment: it may be in the midst of a turn. */
export interface Lurker {
  leaving?(parcel: Parcel): void;
  installed?(member: number): void;
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
  readonly places: Places;
  readonly supervisors: readonly Supervisor[];
  /** Faults that wait for a moment to strike. */
  readonly lurkers = new Set<Lurker>();
  /** Whether clients begin new operations. */
  working = true;
  readonly tally: Record<string, number> = {};
  #violation: Violation | undefined;
  readonly #scraper: Scraper | undefined;
  readonly #chaos: Chaos | undefined;
  #moment = 0;
  #done = 0;
  #failed = 0;

  constructor(plan: WorldPlan) {
    this.plan = plan;
    this.random = new Random(plan.seed);
    this.#scraper = plan.scrapeMs === undefined ? undefined : new Scraper(this, plan.scrapeMs);
    this.#chaos = plan.chaos === undefined ? undefined : new Chaos(this, plan.chaos);
    const { link, links, drift, disk, housekeeping, busyMs } = plan.environment;
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
          const { environment, life } = this.member(member);
          const atMs = this.nowMs + environment!.workedMs;
          this.checks.history.proposed(term, index, atMs, life!.state.appliedIndex);
        },
        changeProposed: (member, term, index, applied) =>
          this.checks.membership.proposed(member, term, index, applied),
        membershipChanged: (member, entry, hash, state) => {
          this.checks.applied(member, entry, NOTHING, hash, this.member(member).life!);
          this.checks.membership.applied(member, entry.index);
          const { voters, votersOutgoing, learners } = state.membership!.confState;
          const halves = votersOutgoing.length === 0 ? '' : ` and ${votersOutgoing.join()}`;
          this.note(
            member,
            `voters ${voters.join()}${halves}, learners ${learners.join()} at ${entry.index}`,
          );
        },
        removed: (member) => {
          const ended = this.member(member);
          this.note(member, 'knows that it was removed');
          this.cluster.queue.after(0, () => this.places.ended(ended));
        },
        installed: (member, index, hash) => {
          this.note(member, `installed a snapshot of ${index}`);
          this.count('snapshots');
          for (const lurker of this.lurkers) lurker.installed?.(member);
          this.checks.history.installed(member, index, hash);
          this.checks.membership.applied(member, index);
        },
        snapshots: (member) => ({
          ...silentSnapshotEvents,
          sending: (to, { index }) => this.note(member, `sends ${to} a snapshot of ${index}`),
          sent: (to, { ok, reason }) =>
            this.note(member, `the snapshot to ${to} ${ok ? 'has arrived' : `failed: ${reason}`}`),
          refused: (from, reason) => this.note(member, `refused a snapshot of ${from}: ${reason}`),
        }),
        fatal: (member, error) => this.processes.fatal(this.member(member), error),
      },
      plan.settings,
      {
        network: {
          encodes: plan.encodes,
          leaving: (parcel) => {
            this.checks.leaving(parcel);
            for (const lurker of this.lurkers) lurker.leaving?.(parcel);
          },
          arriving: (parcel) => this.checks.arriving(parcel),
        },
        segmentBytes: plan.chaos === undefined ? SEGMENT_BYTES : ROOMY_SEGMENT_BYTES,
        telemetry: plan.scrapeMs !== undefined,
      },
    );
    const { queue, members, network } = this.cluster;
    network.faults = link;
    for (const { from, to, quality } of links) network.setQuality(from, to, quality);
    for (const member of members) {
      member.pace = { ...disk };
      member.busyMs = busyMs;
      member.housekeeping = housekeeping;
      // Machines keep their clocks together: what is off is part of the trace.
      if (plan.chaos !== undefined) member.clock.jump(-member.clock.wallOffsetMs);
      member.clock.setRate(1 + drift * (2 * this.random.fraction() - 1));
    }
    this.checks = new Checks({
      report: (invariant, seen, involved = []) => this.report(invariant, seen, involved),
      members,
      membership: this.cluster.membership,
      lost: () => this.places.lost,
      nowMs: () => queue.nowMs,
      drift: 2.1 * Math.max(drift, driftOf(plan.chaos)) + 0.0001,
    });
    this.processes = new Processes(this);
    this.places = new Places(this);
    const { supervisors, lookMs } = this.limits;
    this.supervisors = this.changing
      ? Array.from({ length: supervisors }, () => new Supervisor(this, lookMs))
      : [];
    for (let at = 0; at < plan.workload.clients; at++) {
      const client = new ClientProcess(this, at);
      client.clock.setRate(1 + drift * (2 * this.random.fraction() - 1));
      this.clients.push(client);
    }
    for (const { number } of this.places.list) this.linkClients(number);
  }

  /** Whether anything changes the membership. */
  get changing(): boolean {
    return this.plan.faults.some(({ kind }) => MEMBERSHIP_FAULTS.includes(kind));
  }

  get limits(): MembershipPlan {
    return this.plan.membership ?? MEMBERSHIP;
  }

  /** Gives the links between clients and the machine in a place their quality. */
  linkClients(place: number): void {
    const { network } = this.cluster;
    for (const client of this.clients) {
      network.setQuality(client.place, place, this.plan.environment.clientLink);
      network.setQuality(place, client.place, this.plan.environment.clientLink);
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

  /** A client was just told that a register was written: others may look at once. */
  hearsay(key: string): void {
    for (const client of this.clients) if (this.random.chance(this.plan.workload.hearsay)) client.hear(key);
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
      ...(this.#scraper === undefined ? {} : { recording: this.#scraper.recording }),
      ...(this.#chaos === undefined ? {} : { acted: this.#chaos.acted }),
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
    for (const supervisor of this.supervisors) supervisor.start();
    const nemesis = new Nemesis(this);
    this.#scraper?.begin();
    nemesis.begin();
    this.#chaos?.begin();
    this.pass(this.plan.durationMs, this.plan.steps);
    nemesis.end();
    this.#chaos?.end();
    this.#scraper?.end();
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

/** What an entry without a batch comes to. */
const NOTHING: Applied = {
  origin: 0,
  number: 0,
  stampMs: 0,
  results: [],
  events: [],
  changes: [],
  scrub: false,
};

const ROLES: Readonly<Record<StateType, string>> = {
  [StateType.Follower]: 'follower',
  [StateType.Candidate]: 'candidate',
  [StateType.Leader]: 'leader',
  [StateType.PreCandidate]: 'pre-candidate',
};

function roleName(role: StateType): string {
  return ROLES[role];
}
