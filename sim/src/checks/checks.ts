import type {
  Applied,
  Entry,
  Life,
  Membership,
  Parcel,
  SimulatedMember,
  StateType,
} from '@aegis/replica/sim';

import { ContentCheck } from './contents.js';
import { ElectionCheck } from './elections.js';
import { History } from './history.js';
import { LeaseTimeCheck } from './lease-time.js';
import { LockCheck } from './locks.js';
import { LogCheck } from './logs.js';
import { MembershipCheck } from './membership.js';
import { PromiseCheck } from './promises.js';
import { RegisterCheck } from './registers.js';
import type { Report } from './verdict.js';
import { WatchCheck } from './watches.js';
import { WriteCheck } from './writes.js';

export interface ChecksParts {
  readonly report: Report;
  readonly members: readonly SimulatedMember[];
  /** As the cluster began. */
  readonly membership: Membership;
  /** Members that will never take part again. */
  readonly lost: () => { has(id: number): boolean };
  readonly nowMs: () => number;
  /** How far clocks may run off, as a ratio. */
  readonly drift: number;
}

/** All that must hold, incrementally with each event; `full` compares everything with everything. */
export class Checks {
  readonly report: Report;
  readonly history: History;
  readonly elections: ElectionCheck;
  readonly promises: PromiseCheck;
  readonly contents: ContentCheck;
  readonly logs: LogCheck;
  readonly membership: MembershipCheck;
  readonly leases: LeaseTimeCheck;
  readonly locks: LockCheck;
  readonly writes: WriteCheck;
  readonly registers: RegisterCheck;
  readonly #parts: ChecksParts;

  constructor(parts: ChecksParts) {
    const { report, members, nowMs, drift, lost, membership: first } = parts;
    this.#parts = parts;
    this.report = report;
    this.logs = new LogCheck(
      report,
      members,
      () => this.history,
      () => this.membership,
    );
    this.membership = new MembershipCheck({ report, first, lost, reach: (id) => this.logs.reach(id) });
    this.leases = new LeaseTimeCheck(report, drift);
    // Locks before leases: a lease that an entry ends was due before it.
    this.locks = new LockCheck(report, this.leases);
    this.writes = new WriteCheck(report);
    this.registers = new RegisterCheck(report);
    // Logs before membership: an entry is committed by the configuration before it.
    const onEntry = [this.logs, this.membership, this.leases, this.locks, this.writes];
    this.history = new History(report, nowMs, onEntry);
    this.elections = new ElectionCheck(report, members, this.history, nowMs);
    this.promises = new PromiseCheck(report, members, this.history);
    this.contents = new ContentCheck(report);
  }

  applied(member: number, entry: Entry, applied: Applied, hash: string, { state, raft }: Life): void {
    const { term } = raft.basicStatus();
    this.history.applied(member, term, entry, applied, hash, state);
    this.elections.commits(entry.index, term);
    this.contents.applied(member, entry.index, state);
  }

  roleChanged(member: number, role: StateType, term: number): void {
    this.elections.roleChanged(member, role, term);
  }

  leaving(parcel: Parcel): void {
    this.promises.leaving(parcel);
  }

  arriving(parcel: Parcel): void {
    this.elections.arriving(parcel);
    this.promises.arriving(parcel);
  }

  watch(prefix: string, who: string, fromRevision: number): WatchCheck {
    return new WatchCheck(this.report, this.writes, prefix, who, fromRevision);
  }

  full(): void {
    this.elections.full();
    this.logs.full();
    this.leases.full(this.#parts.nowMs());
    for (const { id, life } of this.#parts.members) {
      if (life === undefined || life.state.appliedIndex !== this.history.last) continue;
      this.locks.full(life.state, id);
      break;
    }
  }

  /** The registers' own check grows with all that was done: now and then, and at the end. */
  registersFull(): void {
    this.registers.full();
  }
}
