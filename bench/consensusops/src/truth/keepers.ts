import { setTimeout as sleep } from 'node:timers/promises';
import { LeasesClient, type LeaseKeepAliveRequest, type LeaseKeepAliveResponse } from '@aegis/proto/v1/lease';
import { channelCredentials, channelOptions } from '@aegis/client/channel';
import { Metadata, type ClientDuplexStream } from '@grpc/grpc-js';
import type { Keeper } from './log.js';
import type { Target } from './target.js';

const PER_MEMBER = 10;
const TTL_MS = 6_000;
const GRANT_MS = 2_000;
const RETRY_MS = 500;

type KeepAlives = ClientDuplexStream<LeaseKeepAliveRequest, LeaseKeepAliveResponse>;

/** For each member ten clients that know that member alone, each with a lease that it asks to be kept at a third of its TTL, without an end. */
export async function keepLeases(
  { members, tls }: Target,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<Keeper[]> {
  const kept = await Promise.all(
    members.map(async ({ id, client: endpoint }) => {
      const service = new LeasesClient(endpoint, channelCredentials(tls), channelOptions(endpoint));
      try {
        return await Promise.all(
          Array.from({ length: PER_MEMBER }, () => new LeaseKeeper(service, id, nowMs).run(signal)),
        );
      } finally {
        service.close();
      }
    }),
  );
  return kept.flat();
}

class LeaseKeeper {
  readonly #lostMs: number[] = [];
  #lease: string | undefined;
  #stream: KeepAlives | undefined;

  constructor(
    private readonly service: LeasesClient,
    private readonly via: number,
    private readonly nowMs: () => number,
  ) {}

  async run(signal: AbortSignal): Promise<Keeper> {
    while (!signal.aborted) {
      let pauseMs = RETRY_MS;
      if (this.#lease === undefined) {
        this.#lease = await this.#grant();
        if (this.#lease !== undefined) pauseMs = Math.random() * (TTL_MS / 3);
      } else {
        this.#ask(this.#lease);
        pauseMs = TTL_MS / 3;
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    this.#stream?.cancel();
    if (this.#lease !== undefined) await this.#revoke(this.#lease);
    return { via: this.via, lostMs: this.#lostMs };
  }

  #ask(lease: string): void {
    this.#stream ??= this.#open();
    this.#stream.write({ leases: [lease] });
  }

  #open(): KeepAlives {
    const stream = this.service.keepAlive();
    const over = (): void => {
      if (this.#stream === stream) this.#stream = undefined;
    };
    stream.on('error', over);
    stream.on('end', over);
    stream.on('data', ({ ttlMs: [ttlMs] }: LeaseKeepAliveResponse) => {
      if (ttlMs !== 0 || this.#lease === undefined) return;
      this.#lostMs.push(this.nowMs());
      this.#lease = undefined;
      // What is still on its way is about the lease that was.
      this.#stream = undefined;
      stream.cancel();
    });
    return stream;
  }

  #grant(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const options = { deadline: Date.now() + GRANT_MS };
      this.service.grant({ lease: '0', ttlMs: TTL_MS }, new Metadata(), options, (failure, granted) =>
        resolve(failure === null ? granted.lease : undefined),
      );
    });
  }

  #revoke(lease: string): Promise<void> {
    return new Promise((resolve) => {
      const options = { deadline: Date.now() + GRANT_MS };
      this.service.revoke({ lease }, new Metadata(), options, () => resolve());
    });
  }
}
