import { Batch, type Command, type Result } from '@aegis/proto/replica/command';
import { AlarmKind } from '@aegis/proto/v1/alarm';
import { ErrorCode } from '@aegis/proto/v1/error';
import { LockMode } from '@aegis/proto/v1/lock';
import type { Call } from '@aegis/proto/v1/session';
import type { CommittedEntry, StateEvent } from '../applied.js';
import type { KvChange } from '../kv/change.js';
import { type MachineOptions, StateMachine } from '../machine.js';
import type { Membership } from '../membership/membership.js';
import { MemoryStorage } from '../storage/memory.js';
import { FIRST_VERSION } from '../version.js';

export type Op = NonNullable<Command['op']>;

export const MEMBERSHIP: Membership = {
  clusterId: 'test-cluster',
  members: [],
  confState: { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
  removedNonces: [],
  nextMemberId: 2,
};

/** Short forms of the commands. */
export const op = {
  grant: (lease: string, ttlMs = 10_000): Op => ({ $case: 'leaseGrant', value: { lease, ttlMs } }),
  keepAlive: (...leases: string[]): Op => ({ $case: 'leaseKeepAlive', value: { leases } }),
  revoke: (lease: string): Op => ({ $case: 'leaseRevoke', value: { lease } }),
  acquire: (name: string, lease: string, more: AcquireMore = {}): Op => ({
    $case: 'lockAcquire',
    value: {
      name,
      lease,
      claim: 1,
      mode: LockMode.EXCLUSIVE,
      permits: 0,
      waitMs: -1,
      lockDelayMs: 0,
      ...more,
    },
  }),
  release: (name: string, lease: string, claim = 1): Op => ({
    $case: 'lockRelease',
    value: { name, lease, claim },
  }),
  campaign: (election: string, lease: string, value = '', waitMs = -1): Op => ({
    $case: 'campaign',
    value: { election, lease, claim: 1, value: Buffer.from(value), waitMs },
  }),
  proclaim: (election: string, lease: string, value: string): Op => ({
    $case: 'proclaim',
    value: { election, lease, claim: 1, value: Buffer.from(value) },
  }),
  resign: (election: string, lease: string): Op => ({
    $case: 'resign',
    value: { election, lease, claim: 1 },
  }),
  advance: (): Op => ({ $case: 'advance', value: {} }),
  expire: (upToMs: number, limit = 1000): Op => ({ $case: 'expire', value: { upToMs, limit } }),
  /** Member 1 has no space, or has again. */
  noSpace: (raised: boolean, memberId = 1): Op => ({
    $case: 'setAlarm',
    value: { alarm: { kind: AlarmKind.NO_SPACE, memberId }, raised },
  }),
  corrupt: (raised: boolean, memberId = 1): Op => ({
    $case: 'setAlarm',
    value: { alarm: { kind: AlarmKind.CORRUPT, memberId }, raised },
  }),
  settings: (leaseMinTtlMs: number, leaseMaxTtlMs: number, leaseExpiryPerTick = 0): Op => ({
    $case: 'setLeaseSettings',
    value: { leaseMinTtlMs, leaseMaxTtlMs, leaseExpiryPerTick },
  }),
};
interface AcquireMore {
  claim?: number;
  mode?: LockMode;
  permits?: number;
  waitMs?: number;
  lockDelayMs?: number;
}

/** A leader's side of a log, applied to one machine as it is written. */
export class Script {
  term = 1;
  stampMs = 1_000_000;
  readonly entries: CommittedEntry[] = [];
  /** Of the last entry. */
  events: readonly StateEvent[] = [];
  changes: readonly KvChange[] = [];

  private constructor(readonly machine: StateMachine) {}

  static async start(storage = new MemoryStorage(), options: MachineOptions = {}): Promise<Script> {
    const machine = await StateMachine.open(storage, options);
    await machine.bootstrap(MEMBERSHIP);
    return new Script(machine);
  }

  /** Goes on from where a machine is. */
  static on(machine: StateMachine): Script {
    const script = new Script(machine);
    script.term = Math.max(1, machine.appliedTerm);
    return script;
  }

  /** One entry with these commands. */
  batch(commands: readonly Command[]): Result[] {
    const entry = entryOf(this.term, this.machine.appliedIndex + 1, this.stampMs, commands);
    this.entries.push(entry);
    const { results, events, changes } = this.machine.apply(entry);
    this.events = events;
    this.changes = changes;
    return [...results];
  }

  /** One entry with one command; its result. */
  do(op: Op, call?: Call): Outcome {
    return outcomeOf(this.batch([{ call, op }])[0]!);
  }

  /** Lease time passes, in steps that count in full. */
  elapse(ms: number): void {
    for (let left = ms; left > 0; left -= 1000) {
      this.stampMs += Math.min(left, 1000);
      this.do(op.advance());
    }
  }

  /** Everything that is due expires, as the leader would have it. */
  expireDue(limit = 1000): Outcome {
    return this.do(op.expire(this.machine.leaseClockMs, limit));
  }

  changeLeader(): void {
    this.term++;
    const entry = { term: this.term, index: this.machine.appliedIndex + 1, data: new Uint8Array(0) };
    this.entries.push(entry);
    this.events = this.machine.apply(entry).events;
  }
}

/** What came of a command, as tests like to look at it: its fields, or the name of its error. */
export type Outcome =
  { readonly error: string; readonly message: string } | Readonly<Record<string, unknown>>;

export function outcomeOf({ result }: Result): Outcome {
  if (result === undefined) throw new Error('a result without content');
  if (result.$case !== 'error') return { ...result.value };
  const { code, message } = result.value;
  const error = Object.entries(ErrorCode).find(([, number]) => number === code)![0];
  return { error, message };
}

export function entryOf(
  term: number,
  index: number,
  stampMs: number,
  commands: readonly Command[],
): CommittedEntry {
  const batch = { version: FIRST_VERSION, origin: 7, number: index, stampMs, commands: [...commands] };
  return { term, index, data: Batch.encode(batch).finish() };
}
