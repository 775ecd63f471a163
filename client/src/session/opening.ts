import type { LeaseGrantResponse } from '@aegis/proto/v1/lease';
import type { Instant } from '../clock/clock.js';
import { resultOf } from '../connection/ask.js';
import type { Connection } from '../connection/connection.js';
import { Operation, type Caller, type Result } from '../connection/operation.js';
import type { AegisError } from '../errors/index.js';

export interface OpeningOutcome {
  /** @param since when the request that was acknowledged was first sent */
  opened(grant: LeaseGrantResponse, since: Instant): void;
  failed(error: AegisError): void;
}

/**
 * Gets a lease for a session. When it is not certain whether a grant took effect, a new one is asked for, under
 * another id that the replica chooses: the first, if there is one, ends by itself.
 */
export class SessionOpening implements Caller {
  constructor(
    private readonly connection: Connection,
    private readonly ttlMs: number,
    private readonly deadlineMs: number,
    private readonly outcome: OpeningOutcome,
  ) {
    this.ask();
  }

  onResult(result: Result, operation: Operation): void {
    this.outcome.opened(resultOf(result, 'leaseGrant'), operation.firstSent!);
  }

  onFailure(error: AegisError): void {
    const overtime = this.connection.clock.now().monotonicMs >= this.deadlineMs;
    if (error.definite || overtime || error.code === 'CLIENT_CLOSED') this.outcome.failed(error);
    else this.ask();
  }

  private ask(): void {
    const request = { $case: 'leaseGrant' as const, value: { lease: '0', ttlMs: this.ttlMs } };
    this.connection.submit(new Operation(request, 'definite', this, undefined, this.deadlineMs));
  }
}
