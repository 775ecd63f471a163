import type { LockMode } from '@aegis/proto/v1/lock';
import { Deadline, RANK } from '../deadline/deadline.js';
import type { Lease } from '../lease/lease.js';
import { claimKey } from '../rows/layout.js';
import { Row } from '../rows/row.js';
import type { Lock } from './lock.js';

/** What a claim asks for. */
export interface ClaimTerms {
  /** Never UNSPECIFIED. */
  readonly mode: LockMode;
  /** SEMAPHORE only, else 0. */
  readonly permits: number;
  readonly lockDelayMs: number;
}

/** One acquisition, held or queued: (name, lease, claim) names it. */
export class Claim {
  readonly what = 'wait';
  /** 0 while it waits. Changes once, when it is granted. */
  token = 0;
  readonly row: Row;
  /** While it waits with a limit. */
  deadline: Deadline<Claim> | undefined;
  /** Elections: what the candidate or leader says of itself. */
  value: Buffer;

  /** Places in the two lists that it is in; kept by ClaimList. */
  previousOfLock: Claim | undefined;
  nextOfLock: Claim | undefined;
  previousOfLease: Claim | undefined;
  nextOfLease: Claim | undefined;

  constructor(
    readonly lock: Lock,
    readonly lease: Lease,
    readonly claim: number,
    /** Its number in the order in which the claims of all locks arrived. */
    readonly number: number,
    readonly terms: ClaimTerms,
    value: Buffer,
    stored: boolean,
  ) {
    this.value = value;
    this.row = new Row(claimKey(number), stored);
  }

  /** The end of its wait. */
  waitUntil(atMs: number): Deadline<Claim> {
    const high = Math.floor(this.number / 0x1_0000_0000);
    this.deadline = new Deadline<Claim>(atMs, RANK.wait, high, this.number >>> 0, this);
    return this.deadline;
  }
}

/** Which of a claim's two pairs of links a list uses. */
interface Links {
  readonly previous: 'previousOfLock' | 'previousOfLease';
  readonly next: 'nextOfLock' | 'nextOfLease';
}
export const lockLinks: Links = { previous: 'previousOfLock', next: 'nextOfLock' };
export const leaseLinks: Links = { previous: 'previousOfLease', next: 'nextOfLease' };

/** A list in the order of arrival that gives up any claim at once. */
export class ClaimList implements Iterable<Claim> {
  first: Claim | undefined;
  last: Claim | undefined;
  length = 0;

  constructor(private readonly links: Links) {}

  append(claim: Claim): void {
    const { previous, next } = this.links;
    claim[previous] = this.last;
    if (this.last === undefined) this.first = claim;
    else this.last[next] = claim;
    this.last = claim;
    this.length++;
  }

  remove(claim: Claim): void {
    const { previous, next } = this.links;
    const before = claim[previous];
    const after = claim[next];
    if (before === undefined) this.first = after;
    else before[next] = after;
    if (after === undefined) this.last = before;
    else after[previous] = before;
    claim[previous] = undefined;
    claim[next] = undefined;
    this.length--;
  }

  /** The claim that the loop is at may be removed in it. */
  *[Symbol.iterator](): Iterator<Claim> {
    const { next } = this.links;
    for (let claim = this.first; claim !== undefined;) {
      const after: Claim | undefined = claim[next];
      yield claim;
      claim = after;
    }
  }
}
