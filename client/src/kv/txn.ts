import {
  KvTxnRequest,
  type KvAnswer,
  type KvCompare,
  type KvOperation,
  type KvTxnResponse,
} from '@aegis/proto/v1/kv';
import { invalid } from '../lock/options.js';
import type { Bytes } from './bytes.js';
import { selectionOf } from './compare.js';
import {
  checkSize,
  deleteRequest,
  putRequest,
  rangeRequest,
  type DeleteOptions,
  type PageOptions,
  type PutOptions,
} from './requests.js';
import type { Selection } from './selection.js';

/** What a transaction may have in each of its lists, in the contract. */
const OPERATIONS_MAX = 128;

/** What the operations of a transaction answered, in their order. */
export type TxnAnswer = NonNullable<KvAnswer['response']>;

export interface TxnOutcome {
  readonly revision: number;
  /** Whether all comparisons held. */
  readonly succeeded: boolean;
  /** Of `do`, or else of `else`. */
  readonly responses: readonly TxnAnswer[];
}

/** Operations of a transaction. */
export const op = {
  get: (what: Bytes | Selection, options: PageOptions = {}): KvOperation => ({
    request: { $case: 'range', value: rangeRequest(selectionOf(what), options) },
  }),
  put: (key: Bytes, value: Bytes, options: PutOptions = {}): KvOperation => ({
    request: { $case: 'put', value: putRequest(key, value, options) },
  }),
  delete: (what: Bytes | Selection, options: DeleteOptions = {}): KvOperation => ({
    request: { $case: 'deleteRange', value: deleteRequest(selectionOf(what), options) },
  }),
  /** A transaction in this one; its comparisons too are made on the store as it was before both. */
  txn: (build: (txn: TxnParts) => TxnParts): KvOperation => ({
    request: { $case: 'txn', value: build(new TxnParts()).request() },
  }),
} as const;

/** The parts of a transaction. Its three lists may be given in several calls, and have at most 128 entries each. */
export class TxnParts {
  private readonly compares: KvCompare[] = [];
  private readonly success: KvOperation[] = [];
  private readonly failure: KvOperation[] = [];

  /** All of these must hold. */
  if(...compares: readonly KvCompare[]): this {
    return this.add('comparisons', this.compares, compares);
  }

  /** Done when they do. Not called `then`: that would make a promise of this for everyone who awaits it. */
  do(...operations: readonly KvOperation[]): this {
    return this.add('operations of do', this.success, operations);
  }

  /** Done when they don't. */
  else(...operations: readonly KvOperation[]): this {
    return this.add('operations of else', this.failure, operations);
  }

  request(): KvTxnRequest {
    return { compare: [...this.compares], success: [...this.success], failure: [...this.failure] };
  }

  private add<T>(what: string, to: T[], more: readonly T[]): this {
    if (to.length + more.length > OPERATIONS_MAX)
      throw invalid(`${what}: ${to.length + more.length} in one transaction, allowed are ${OPERATIONS_MAX}`);
    to.push(...more);
    return this;
  }
}

/** A transaction: all or nothing, in one revision. */
export class Txn extends TxnParts {
  constructor(private readonly send: (request: KvTxnRequest) => Promise<KvTxnResponse>) {
    super();
  }

  /**
   * Fails with InvalidRequestError (a key is changed twice, or a bound is passed), LeaseNotFoundError,
   * KeyNotFoundError, CompactedError or FutureRevisionError (of a read), QuotaExceededError, and like every write.
   */
  async commit(): Promise<TxnOutcome> {
    const request = this.request();
    checkSize(KvTxnRequest.encode(request).finish().length);
    return txnOutcome(await this.send(request));
  }
}

export function txnOutcome({ revision, succeeded, responses }: KvTxnResponse): TxnOutcome {
  return { revision, succeeded, responses: responses.map(({ response }) => response!) };
}
