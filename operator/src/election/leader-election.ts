import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../kube/client.js';
import { isAlreadyThere, isConflict } from '../kube/errors.js';
import type { ObjectRef } from '../kube/object.js';
import { RESOURCES, type ObjectOf } from '../kube/resource.js';

type Lease = ObjectOf<typeof RESOURCES.electionLeases>;

/** In milliseconds. Invariant: lease > renewWithin > retry. */
export interface ElectionTiming {
  /** How long others wait after the last renewal that they saw before they take over. */
  readonly leaseMs: number;
  /** How long a leader tries to renew before it stops leading: shorter, so that it stops before another begins. */
  readonly renewWithinMs: number;
  readonly retryMs: number;
}

export const LEASE_SECONDS = 15;

/** The shares are those of Kubernetes' own components: 10 and 2 of 15 seconds. */
export function electionTiming(leaseSeconds: number): ElectionTiming {
  const leaseMs = leaseSeconds * 1_000;
  return { leaseMs, renewWithinMs: (leaseMs * 2) / 3, retryMs: (leaseMs * 2) / 15 };
}

export interface ElectionOptions {
  readonly lease: Required<ObjectRef> & { readonly namespace: string };
  /** Another one for each process. */
  readonly identity: string;
  readonly timing?: ElectionTiming;
  readonly onProblem?: (error: unknown) => void;
}

/**
 * Leader election among operators by a Lease, as Kubernetes' own components do it. Clocks of different machines are never
 * compared: a lease has ended when this process has seen it unchanged for its whole time.
 */
export class LeaderElection {
  readonly #client: KubeClient;
  readonly #options: ElectionOptions;
  readonly #timing: ElectionTiming;
  /** What was seen last, and when it was first seen so, by the monotonic clock. */
  #seen: { readonly version: string | undefined; readonly atMs: number } | undefined;

  constructor(client: KubeClient, options: ElectionOptions) {
    const timing = options.timing ?? electionTiming(LEASE_SECONDS);
    const { leaseMs, renewWithinMs, retryMs } = timing;
    if (!(leaseMs > renewWithinMs && renewWithinMs > retryMs)) {
      throw new Error(
        `the lease (${leaseMs} ms) must outlast renewing (${renewWithinMs} ms), and that a retry (${retryMs} ms)`,
      );
    }
    this.#client = client;
    this.#options = options;
    this.#timing = timing;
  }

  /**
   * Waits to be elected, then runs `lead`, whose signal aborts as soon as the leadership is no longer certain. Returns when that
   * has happened and `lead` has ended, or when it is stopped; then it gives the lease up, so that another need not wait.
   */
  async run(stopped: AbortSignal, lead: (leading: AbortSignal) => Promise<void>): Promise<void> {
    const acquiredMs = await this.#acquire(stopped);
    if (acquiredMs === undefined) return;
    const lost = new AbortController();
    const leading = AbortSignal.any([stopped, lost.signal]);
    const renewing = this.#renew(leading, acquiredMs).then((error) => lost.abort(error));
    try {
      await lead(leading);
    } finally {
      lost.abort(new Error('done leading'));
      await renewing;
      await this.#release();
    }
  }

  /** When the try began that won, by the monotonic clock. Undefined: stopped before. */
  async #acquire(stopped: AbortSignal): Promise<number | undefined> {
    while (!stopped.aborted) {
      const askedMs = performance.now();
      try {
        if (await this.#try(stopped)) return askedMs;
      } catch (error) {
        if (!stopped.aborted) this.#options.onProblem?.(error);
      }
      await sleep(this.#timing.retryMs, undefined, { signal: stopped }).catch(() => undefined);
    }
    return undefined;
  }

  /** Renews until it is told to stop, or has failed for too long. Returns why leading ends. */
  async #renew(leading: AbortSignal, acquiredMs: number): Promise<Error> {
    const { renewWithinMs, retryMs } = this.#timing;
    let renewedMs = acquiredMs;
    while (!leading.aborted) {
      await sleep(retryMs, undefined, { signal: leading }).catch(() => undefined);
      if (leading.aborted) break;
      // What a renewal confirms began before it was asked for.
      const askedMs = performance.now();
      const leftMs = renewedMs + renewWithinMs - askedMs;
      if (leftMs <= 0) return new Error(`the lease was not renewed within ${renewWithinMs} ms`);
      try {
        if (!(await this.#try(AbortSignal.any([leading, AbortSignal.timeout(Math.ceil(leftMs))])))) {
          return new Error('another operator holds the lease');
        }
        renewedMs = askedMs;
      } catch (error) {
        if (!leading.aborted) this.#options.onProblem?.(error);
      }
    }
    return new Error('stopped');
  }

  /** One try to hold or to keep the lease. */
  async #try(signal: AbortSignal): Promise<boolean> {
    const { lease: ref, identity } = this.#options;
    const lease = await this.#client.get(RESOURCES.electionLeases, ref, signal);
    if (lease === undefined) return this.#write(this.#claim(undefined), signal);
    const holder = lease.spec?.holderIdentity;
    if (holder === identity) return this.#write(this.#claim(lease), signal);
    const version = lease.metadata.resourceVersion;
    if (this.#seen?.version !== version) this.#seen = { version, atMs: performance.now() };
    const heldMs = (lease.spec?.leaseDurationSeconds ?? 0) * 1000;
    const free = holder === undefined || holder === '' || performance.now() - this.#seen!.atMs > heldMs;
    return free && this.#write(this.#claim(lease), signal);
  }

  #claim(lease: Lease | undefined): Lease {
    const { lease: ref, identity } = this.#options;
    const now = microTime();
    const mine = lease?.spec?.holderIdentity === identity;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: lease?.metadata ?? ref,
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(this.#timing.leaseMs / 1000),
        acquireTime: mine ? (lease.spec?.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + (lease === undefined || mine ? 0 : 1),
      },
    };
  }

  /** False: another one was faster. */
  async #write(lease: Lease, signal?: AbortSignal): Promise<boolean> {
    try {
      if (lease.metadata.resourceVersion === undefined)
        await this.#client.create(RESOURCES.electionLeases, lease, signal);
      else await this.#client.replace(RESOURCES.electionLeases, lease, signal);
      return true;
    } catch (error) {
      if (isConflict(error) || isAlreadyThere(error)) return false;
      throw error;
    }
  }

  async #release(): Promise<void> {
    const { lease: ref, identity, onProblem } = this.#options;
    const signal = AbortSignal.timeout(this.#timing.retryMs);
    try {
      const lease = await this.#client.get(RESOURCES.electionLeases, ref, signal);
      if (lease?.spec?.holderIdentity !== identity) return;
      await this.#write(
        { ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 } },
        signal,
      );
    } catch (error) {
      onProblem?.(error);
    }
  }
}

/** Leases carry microseconds. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
