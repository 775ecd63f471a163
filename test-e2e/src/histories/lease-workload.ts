import type { Client } from '@aegis/client';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Random } from '@aegis/replica/sim';
import type { LeasePort } from './lease-port.js';
import { nowNs, type Recorder } from './recorder.js';

const TTL_MS = 2_500;

/** One client of plain leases: grants one, keeps it alive for a while, then revokes it or looks at it until it has ended. */
export class LeaseWorker {
  readonly #client: number;
  readonly #connection: Client;
  readonly #renewals: LeasePort;
  readonly #random: Random;
  readonly #recorder: Recorder;

  constructor(client: number, connection: Client, renewals: LeasePort, random: Random, recorder: Recorder) {
    this.#client = client;
    this.#connection = connection;
    this.#renewals = renewals;
    this.#random = random;
    this.#recorder = recorder;
  }

  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const lease = await this.#grant();
      if (lease === undefined) {
        await sleep(100);
        continue;
      }
      const renewals = this.#random.below(6);
      for (let renewal = 0; renewal < renewals && !isOver(); renewal++) {
        await sleep(this.#random.between(50, TTL_MS * 0.7));
        await this.#keepAlive(lease);
      }
      if (this.#random.chance(0.2)) await this.#revoke(lease);
      while (!isOver() && (await this.#look(lease))) await sleep(this.#random.between(50, 300));
    }
    this.#renewals.close();
  }

  /** The id is drawn here, so that even a grant that nobody answered has one. */
  async #grant(): Promise<string | undefined> {
    const lease = String(1 + this.#random.below(2 ** 31) * 2 ** 20 + this.#random.below(2 ** 20));
    const granted = await this.#recorder.call(
      this.#what('grant', lease),
      () => this.#connection.leases.grant(TTL_MS, lease),
      ({ ttlMs }) => ({ ttl_ms: ttlMs }),
    );
    return granted === undefined ? undefined : lease;
  }

  async #keepAlive(lease: string): Promise<void> {
    const renewed = await this.#recorder.call(
      this.#what('keepalive', lease),
      () => this.#renewals.keepAlive(lease),
      (ttlMs) => ({ ttl_ms: ttlMs }),
    );
    if (renewed === undefined) this.#renewals.renew();
  }

  async #revoke(lease: string): Promise<void> {
    const callNs = nowNs();
    try {
      await this.#connection.leases.revoke(lease);
      this.#recorder.add(this.#what('revoke-lease', lease), callNs, 'ok', { found: true });
    } catch (error) {
      this.#gone('revoke-lease', lease, callNs, error);
    }
  }

  /** False: the lease is gone. */
  async #look(lease: string): Promise<boolean> {
    const callNs = nowNs();
    try {
      await this.#connection.leases.timeToLive(lease);
      this.#recorder.add(this.#what('ttl', lease), callNs, 'ok', { found: true });
      return true;
    } catch (error) {
      return !this.#gone('ttl', lease, callNs, error);
    }
  }

  /** That there is no such lease is an answer like any other. */
  #gone(operation: string, lease: string, callNs: number, error: unknown): boolean {
    const isGone = (error as { code?: string }).code === 'LEASE_NOT_FOUND';
    if (isGone) this.#recorder.add(this.#what(operation, lease), callNs, 'ok', { found: false });
    else this.#recorder.failed(this.#what(operation, lease), callNs, error);
    return isGone;
  }

  #what(operation: string, lease: string) {
    return { client: this.#client, op: operation, key: `lease/${lease}`, input: {} };
  }
}
