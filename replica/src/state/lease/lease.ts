import { Deadline, RANK } from '../deadline/deadline.js';
import type { KeyNumber } from '../kv/key-page.js';
import { type Claim, ClaimList, leaseLinks } from '../lock/claim.js';
import { type LeaseId, leaseKey } from '../rows/layout.js';
import { Row } from '../rows/row.js';
import type { SessionTable } from '../session/session-table.js';

/** A lease: what hangs on it ends with it. It lives until an applied command removes it, however late that is. */
export class Lease {
  readonly what = 'lease';
  /** Invariant: false exactly while the state holds it. */
  ended = false;
  readonly deadline: Deadline<Lease>;
  readonly row: Row;
  /** What it holds and waits for, in the order in which it asked. */
  readonly claims = new ClaimList(leaseLinks);
  /** That end with it. Look-ups only: their order tells nothing. */
  keys: Set<KeyNumber> | undefined = undefined;
  /** Of its claims, those that wait. */
  waiting = 0;
  /** Once it has made a sequenced call: most leases never do. */
  session: SessionTable | undefined;

  constructor(
    /** Decimal. */
    readonly id: string,
    /** The same in two halves. */
    readonly key: LeaseId,
    readonly ttlMs: number,
    /** With the id it names this life of the lease. */
    readonly grantIndex: number,
    deadlineMs: number,
    stored: boolean,
  ) {
    this.deadline = new Deadline<Lease>(deadlineMs, RANK.lease, key.high, key.low, this);
    this.row = new Row(leaseKey(key), stored);
  }

  *waitingClaims(): Iterable<Claim> {
    for (const claim of this.claims) if (claim.token === 0) yield claim;
  }
}
