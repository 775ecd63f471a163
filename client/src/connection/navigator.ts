import type { SessionResponse, Welcome } from '@aegis/proto/v1/session';
import type { Clock, Timers } from '../clock/clock.js';
import type { AegisError } from '../errors/index.js';
import type { Transport } from '../stream/transport.js';
import { Backoff } from './backoff.js';
import type { Endpoints } from './endpoints.js';
import { silent } from './failures.js';
import { LeaderSearch } from './leader-search.js';
import type { Passenger } from './passenger.js';
import { StreamHandle, type StreamOwner } from './stream-handle.js';

/** A stream that was not welcomed within this time is given up, in milliseconds. */
const DIAL_TIMEOUT_MS = 2_000;
/** Between two moves after the leader, in milliseconds: replicas may disagree on who leads for a moment. */
const FOLLOW_INTERVAL_MS = 200;

export interface NavigatorParts {
  readonly endpoints: Endpoints;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timers: Timers;
  /** From 0 to 1: spreads the attempts. */
  readonly random: () => number;
}

/** Keeps one stream open, to the leader if it can be reached, else to any replica (which forwards). */
export class Navigator implements StreamOwner {
  current: StreamHandle | undefined;
  private candidate: StreamHandle | undefined;
  private candidateSinceMs = 0;
  /** Welcomed, but not the leader: used if the leader cannot be reached. */
  private fallback: StreamHandle | undefined;
  private readonly draining = new Set<StreamHandle>();
  private readonly backoff: Backoff;
  private readonly search = new LeaderSearch();
  /** The candidate is asked only because the current replica, which speaks, knows no leader. */
  private searching = false;
  private followedMs = -FOLLOW_INTERVAL_MS;
  private closed = false;

  private readonly endpoints: Endpoints;
  private readonly clock: Clock;

  constructor(
    private readonly parts: NavigatorParts,
    private readonly passenger: Passenger,
  ) {
    this.endpoints = parts.endpoints;
    this.clock = parts.clock;
    this.backoff = new Backoff(parts.timers, parts.random);
  }

  /** Opens a stream unless there is one, or one on its way. */
  ensure(): void {
    if (this.current === undefined && this.candidate === undefined && !this.backoff.waiting) {
      this.dialNext();
    }
  }

  /** To be called every few dozen milliseconds. */
  steer(nowMs: number): void {
    if (this.candidate !== undefined && nowMs - this.candidateSinceMs > DIAL_TIMEOUT_MS) {
      const late = this.candidate;
      late.close();
      this.onStreamEnd(late, silent(late.endpoint, DIAL_TIMEOUT_MS));
    }
    for (const handle of this.draining) if (handle.unanswered <= 0) this.drop(handle);
    this.followLeader(nowMs);
    this.searchLeader(nowMs);
  }

  /** The current stream has gone silent: look for another, and keep this one until there is. */
  mistrustCurrent(nowMs: number): void {
    if (this.current === undefined || this.candidate !== undefined) return;
    this.dialAnother(this.current, nowMs);
  }

  close(): void {
    this.closed = true;
    this.backoff.stop();
    for (const handle of [this.current, this.candidate, this.fallback, ...this.draining]) handle?.close();
    this.current = undefined;
    this.candidate = undefined;
    this.fallback = undefined;
    this.draining.clear();
  }

  onWelcome(handle: StreamHandle, welcome: Welcome): void {
    this.endpoints.learn(welcome.clientAddresses);
    this.parts.transport.learn?.(this.endpoints.all);
    const nowMs = this.clock.now().monotonicMs;
    if (handle === this.candidate) {
      this.candidate = undefined;
      if (this.searching && welcome.leaderId === 0 && this.current !== undefined) return handle.close();
      this.endpoints.forgive(handle.endpoint);
      const first = this.current === undefined && this.fallback === undefined;
      if (first && this.mayFollow(handle, nowMs)) {
        this.fallback = handle;
        this.follow(welcome.leaderAddress, nowMs);
      } else {
        this.adopt(handle);
      }
    } else if (handle === this.current) {
      this.passenger.onLeaderChange();
      this.followLeader(nowMs);
    }
  }

  onFrame(handle: StreamHandle, frame: SessionResponse): void {
    this.passenger.onFrame(handle, frame);
  }

  onRoom(handle: StreamHandle): void {
    this.passenger.onRoom(handle);
  }

  onStreamEnd(handle: StreamHandle, error: AegisError): void {
    if (this.closed) return;
    this.endpoints.shun(handle.endpoint, this.clock.now().monotonicMs);
    if (this.draining.delete(handle)) return this.passenger.onLost(handle, error);
    if (handle === this.fallback) {
      this.fallback = undefined;
      return;
    }
    if (handle === this.candidate) {
      this.candidate = undefined;
      this.passenger.onUnreachable(error);
    } else if (handle === this.current) {
      this.current = undefined;
      this.passenger.onLost(handle, error);
    } else {
      return;
    }
    if (this.current !== undefined || this.candidate !== undefined) return;
    if (this.fallback !== undefined) this.adopt(this.fallback);
    else if (this.passenger.wantsStream()) this.dialNext();
  }

  private adopt(handle: StreamHandle): void {
    const previous = this.current;
    this.current = handle;
    if (this.fallback !== undefined && this.fallback !== handle) this.fallback.close();
    this.fallback = undefined;
    this.backoff.reset();
    if (previous !== undefined) this.draining.add(previous);
    this.passenger.onAdopted(handle, previous);
  }

  private followLeader(nowMs: number): void {
    if (this.current === undefined || this.candidate !== undefined) return;
    if (this.mayFollow(this.current, nowMs)) this.follow(this.current.welcome!.leaderAddress, nowMs);
  }

  private mayFollow(handle: StreamHandle, nowMs: number): boolean {
    const leader = handle.welcome?.leaderAddress ?? '';
    if (handle.leads || leader === '' || leader === handle.endpoint) return false;
    return !this.endpoints.shunned(leader, nowMs) && nowMs - this.followedMs >= FOLLOW_INTERVAL_MS;
  }

  private searchLeader(nowMs: number): void {
    if (this.current === undefined || this.candidate !== undefined) return;
    if (!this.search.due(this.current, nowMs)) return;
    this.dialAnother(this.current, nowMs);
    this.searching = true;
  }

  private dialAnother(current: StreamHandle, nowMs: number): void {
    this.endpoints.shun(current.endpoint, nowMs);
    this.dial(this.endpoints.next(nowMs) ?? this.endpoints.any());
  }

  private follow(leader: string, nowMs: number): void {
    this.followedMs = nowMs;
    this.dial(leader);
  }

  private dialNext(): void {
    const nowMs = this.clock.now().monotonicMs;
    const endpoint = this.endpoints.next(nowMs);
    if (endpoint !== undefined) return this.dial(endpoint);
    this.backoff.pause(() => {
      if (this.passenger.wantsStream()) this.dial(this.endpoints.any());
    });
  }

  private dial(endpoint: string): void {
    if (this.closed) return;
    this.searching = false;
    this.candidateSinceMs = this.clock.now().monotonicMs;
    this.candidate = new StreamHandle(endpoint, this.parts.transport, this.clock, this);
  }

  private drop(handle: StreamHandle): void {
    this.draining.delete(handle);
    handle.close();
  }
}
