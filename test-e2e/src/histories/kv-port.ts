import { errorFromGrpc, op, type Client, type ClientSession, type Kv, type Selection } from '@aegis/client';
import {
  KVClient,
  type KvCompare,
  type KvDeleteRangeResponse,
  type KvOperation,
  type KvPutResponse,
  type KvRangeResponse,
  type KvTxnResponse,
} from '@aegis/proto/v1/kv';
import { credentials, Metadata, type CallOptions, type ServiceError } from '@grpc/grpc-js';

export interface Parts {
  readonly compare: readonly KvCompare[];
  readonly success: readonly KvOperation[];
  readonly failure: readonly KvOperation[];
}

/** One of the ways to the keys. */
export interface KvPort {
  readonly name: string;
  range(selection: Selection): Promise<KvRangeResponse>;
  put(key: string, value: string, lease: string | undefined): Promise<KvPutResponse>;
  delete(selection: Selection): Promise<KvDeleteRangeResponse>;
  txn(parts: Parts): Promise<Pick<KvTxnResponse, 'revision' | 'succeeded' | 'responses'>>;
  /** After a failure: whatever should not be used again is replaced. */
  renew(): void;
}

/** Over the client library: in a session, at most once and repeated until answered; or without. */
export class LibraryPort implements KvPort {
  readonly name: string;
  readonly #client: Client;
  readonly #ttlMs: number | undefined;
  #session: ClientSession | undefined;

  /** @param ttlMs of the session; undefined: without one */
  constructor(client: Client, ttlMs: number | undefined) {
    this.#client = client;
    this.#ttlMs = ttlMs;
    this.name = ttlMs === undefined ? 'stream' : 'session';
    this.renew();
  }

  get #kv(): Kv {
    return this.#session?.kv ?? this.#client.kv;
  }

  range(selection: Selection): Promise<KvRangeResponse> {
    return this.#kv.page(selection);
  }

  put(key: string, value: string, lease: string | undefined): Promise<KvPutResponse> {
    return this.#kv.put(key, value, lease === undefined ? {} : { lease });
  }

  delete(selection: Selection): Promise<KvDeleteRangeResponse> {
    return this.#kv.deleteRange(selection);
  }

  async txn({ compare, success, failure }: Parts) {
    const txn = this.#kv.txn();
    txn.if(...compare).do(...success);
    txn.else(...failure);
    const { revision, succeeded, responses } = await txn.commit();
    return { revision, succeeded, responses: responses.map((response) => ({ response })) };
  }

  renew(): void {
    if (this.#ttlMs === undefined) return;
    if (this.#session !== undefined && (this.#session.valid || this.#session.lease === '0')) return;
    this.#session = this.#client.session(this.#ttlMs);
  }
}

/** Plain gRPC calls to one replica, and after a failure to the next. */
export class UnaryPort implements KvPort {
  readonly name = 'unary';
  readonly #endpoints: readonly string[];
  readonly #timeoutMs: number;
  #at: number;
  #kv: KVClient;

  constructor(endpoints: readonly string[], first: number, timeoutMs: number) {
    this.#endpoints = endpoints;
    this.#timeoutMs = timeoutMs;
    this.#at = first;
    this.#kv = this.#dial();
  }

  range(selection: Selection): Promise<KvRangeResponse> {
    const { request } = op.get(selection);
    if (request?.$case !== 'range') throw new TypeError('a get is a range');
    return this.#call((...rest) => this.#kv.range(request.value, ...rest));
  }

  put(key: string, value: string, lease: string | undefined): Promise<KvPutResponse> {
    const { request } = op.put(key, value, lease === undefined ? {} : { lease });
    if (request?.$case !== 'put') throw new TypeError('a put is a put');
    return this.#call((...rest) => this.#kv.put(request.value, ...rest));
  }

  delete(selection: Selection): Promise<KvDeleteRangeResponse> {
    const { request } = op.delete(selection);
    if (request?.$case !== 'deleteRange') throw new TypeError('a delete is a range of deletes');
    return this.#call((...rest) => this.#kv.deleteRange(request.value, ...rest));
  }

  txn({ compare, success, failure }: Parts): Promise<KvTxnResponse> {
    const request = { compare: [...compare], success: [...success], failure: [...failure] };
    return this.#call((...rest) => this.#kv.txn(request, ...rest));
  }

  renew(): void {
    this.#kv.close();
    this.#at = (this.#at + 1) % this.#endpoints.length;
    this.#kv = this.#dial();
  }

  #dial(): KVClient {
    return new KVClient(this.#endpoints[this.#at]!, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  #call<T>(
    make: (
      metadata: Metadata,
      options: CallOptions,
      done: (error: ServiceError | null, answer: T) => void,
    ) => void,
  ): Promise<T> {
    const endpoint = this.#endpoints[this.#at]!;
    return new Promise((resolve, reject) => {
      make(new Metadata(), { deadline: Date.now() + this.#timeoutMs }, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(errorFromGrpc(error, endpoint));
      });
    });
  }
}
