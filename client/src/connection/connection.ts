import type { SessionResponse } from '@aegis/proto/v1/session';
import type { Clock, Timers } from '../clock/clock.js';
import {
  ClientClosedError,
  PermissionDeniedError,
  UnauthenticatedError,
  errorFromReply,
  type AegisError,
} from '../errors/index.js';
import type { Endpoints } from './endpoints.js';
import { EventListeners, type EventListener } from './event-listeners.js';
import { lostInFlight, outOfTime, overloaded } from './failures.js';
import { Ledger } from './ledger.js';
import { Navigator, type NavigatorParts } from './navigator.js';
import type { Operation } from './operation.js';
import { Outflow } from './outflow.js';
import type { Passenger } from './passenger.js';
import type { Resident } from './resident.js';
import { Retries } from './retries.js';
import { SilenceWatch } from './silence.js';
import type { StreamHandle } from './stream-handle.js';
import { Ticker } from './ticker.js';

/** Most operations that wait to be sent. */
const WAITING_MAX = 65_536;

/**
 * Many callers' operations on one stream: gathers those of one turn of the event loop into one frame, follows the
 * leader, sends again what may be sent again, and tells each caller exactly once.
 */
export class Connection implements Passenger {
  readonly clock: Clock;
  private readonly timers: Timers;
  private readonly endpoints: Endpoints;
  private readonly navigator: Navigator;
  private readonly ledger = new Ledger();
  private readonly retries: Retries;
  private readonly silence: SilenceWatch;
  private readonly ticker: Ticker;
  private readonly outflow: Outflow;
  private readonly residents = new Set<Resident>();
  private readonly listeners = new EventListeners();
  private lastFailure: AegisError | undefined;
  private closed = false;

  constructor(parts: NavigatorParts) {
    this.clock = parts.clock;
    this.timers = parts.timers;
    this.endpoints = parts.endpoints;
    this.navigator = new Navigator(parts, this);
    this.outflow = new Outflow(this.ledger, this.navigator, parts.clock, parts.timers);
    this.retries = new Retries(parts.clock, parts.timers, parts.random, (operations) => {
      this.ledger.again(operations);
      this.outflow.schedule();
    });
    this.silence = new SilenceWatch(this.navigator, (ping) => this.submit(ping));
    this.ticker = new Ticker(parts.clock, parts.timers, (paused) => this.tick(paused));
  }

  /** Sends an operation at the end of this turn; its caller hears of it later, never before this returns. */
  submit(operation: Operation): void {
    const refusal = this.refusal();
    if (refusal !== undefined) {
      this.timers.endOfTurn(() => operation.caller.onFailure(refusal, operation));
      return;
    }
    this.ledger.add(operation);
    this.wake();
    this.outflow.schedule();
  }

  /** The caller waits no longer and is not told. What was sent may still take effect. */
  abandon(operation: Operation): void {
    if (operation.sequence === 0) this.ledger.remove(operation);
    operation.abandoned = true;
    operation.deadlineMs = Infinity;
  }

  /** Ends operations whose session is over. */
  failAll(belongs: (operation: Operation) => boolean, error: AegisError): void {
    for (const operation of [...this.ledger.all()]) if (belongs(operation)) this.fail(operation, error);
  }

  join(resident: Resident): void {
    if (this.closed) return;
    this.residents.add(resident);
    this.wake();
  }

  leave(resident: Resident): void {
    this.residents.delete(resident);
  }

  /** From now on the events of this operation or watch go to `listener`, as long as the stream lasts. */
  listen(operationId: number, listener: EventListener): void {
    this.listeners.add(operationId, listener);
  }

  unlisten(operationId: number): void {
    this.listeners.delete(operationId);
  }

  /** Fails everything that is unanswered. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.ticker.stop();
    this.retries.stop();
    this.navigator.close();
    for (const operation of [...this.ledger.all()]) {
      this.fail(operation, new ClientClosedError(operation.sends === 0));
    }
  }

  wantsStream(): boolean {
    return !this.closed && (this.ledger.size > 0 || this.residents.size > 0);
  }

  onAdopted(_current: StreamHandle, previous: StreamHandle | undefined): void {
    this.listeners.clear();
    if (previous !== undefined) this.ledger.repeat(previous);
    for (const resident of [...this.residents]) resident.onStreamChange();
    this.onLeaderChange();
  }

  onLeaderChange(): void {
    this.retries.release();
    this.outflow.schedule();
  }

  onRoom(): void {
    this.outflow.schedule();
  }

  onLost(handle: StreamHandle, error: AegisError): void {
    this.lastFailure = error;
    this.ledger.repeat(handle);
    this.failAll((operation) => operation.stream === handle, lostInFlight(error));
  }

  onUnreachable(error: AegisError): void {
    this.lastFailure = error;
    const refused = error instanceof UnauthenticatedError || error instanceof PermissionDeniedError;
    if (refused) this.failAll((operation) => operation.sends === 0, error);
  }

  onFrame(handle: StreamHandle, frame: SessionResponse): void {
    for (const { id, result } of frame.answers) {
      const operation = this.ledger.get(id);
      // Answers to copies that were since sent again elsewhere don't count: the newer copy will be answered too.
      if (operation === undefined || operation.stream !== handle || result === undefined) continue;
      if (result.$case === 'error') {
        this.onRefusal(operation, errorFromReply(result.value));
      } else {
        this.ledger.remove(operation);
        if (operation.abandoned) operation.caller.onLateResult?.(result, operation);
        else operation.caller.onResult(result, operation);
      }
    }
    if (handle === this.navigator.current) for (const event of frame.events) this.listeners.dispatch(event);
    if (this.ledger.waiting > 0) this.outflow.schedule();
  }

  private onRefusal(operation: Operation, error: AegisError): void {
    if (!operation.retryableAfter(error)) return this.fail(operation, error);
    this.ledger.detach(operation);
    operation.noteRefusal(error);
    this.lastFailure = error;
    this.retries.add(operation);
  }

  private fail(operation: Operation, error: AegisError): void {
    this.ledger.remove(operation);
    if (!operation.abandoned) operation.caller.onFailure(error, operation);
  }

  private refusal(): AegisError | undefined {
    if (this.closed) return new ClientClosedError(true);
    if (this.ledger.waiting < WAITING_MAX) return undefined;
    return overloaded(WAITING_MAX);
  }

  private wake(): void {
    this.navigator.ensure();
    this.ticker.start();
  }

  private tick(paused: boolean): boolean {
    const now = this.clock.now();
    for (const resident of this.residents) resident.onTick(now);
    // After a pause the answers may be waiting in the socket: they get one more tick to be read.
    if (!paused) for (const operation of this.ledger.due(now.monotonicMs)) this.timeOut(operation);
    this.navigator.steer(now.monotonicMs);
    this.silence.look(now.monotonicMs, paused, this.listeners.size > 0);
    return this.wantsStream();
  }

  private timeOut(operation: Operation): void {
    const error = outOfTime(operation, this.lastFailure, this.endpoints.all);
    if (operation.sequence === 0) return this.fail(operation, error);
    this.abandon(operation);
    operation.caller.onFailure(error, operation);
  }
}
