import type { KvCompare, KvOperation, KvRangeRequest } from '@aegis/proto/v1/kv';
import type { Op } from '../../testing/script.js';
import { costOf, leavesOf, operationOf, type Step, stepOf, wrongOf } from './kv-model-txn.js';
import { inRange, type Range, text } from './kv-model-range.js';

/**
 * What the versioned keys have to do, said as plainly as possible: one list of all that ever changed, searched from the
 * beginning each time. It shares no code with the machine. Keys and values are latin1 strings.
 */
export interface ModelRevision {
  main: number;
  key: string;
  /** Undefined: deleted. */
  value: string | undefined;
  created: number;
  version: number;
  lease: string;
  bytes: number;
  /** Whether a compaction has taken it. */
  gone: boolean;
}
interface ModelKv {
  key: string;
  createRevision: number;
  modRevision: number;
  version: number;
  value: string;
  lease: string;
}
export type Plain = Record<string, unknown>;

const refusal = (error: string): Plain => ({ error });

export class KvModel {
  revision = 1;
  compacted = 0;
  quota = 0;
  noSpace = false;
  quotaAlarm = false;
  revisions: ModelRevision[] = [];
  /** Ids with their deadlines. */
  leases = new Map<string, number>();
  nowMs = 0;
  #changed = false;

  get bytes(): number {
    return this.revisions.filter(({ gone }) => !gone).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  at(main: number): ModelKv[] {
    const keys = [...new Set(this.revisions.map(({ key }) => key))].sort();
    return keys.flatMap((key) => {
      const last = this.revisions.findLast((each) => each.key === key && each.main <= main);
      if (last?.value === undefined) return [];
      const { created: createRevision, main: modRevision, version, value, lease } = last;
      return [{ key, createRevision, modRevision, version, value, lease }];
    });
  }

  do(op: Op): Plain {
    this.#changed = false;
    switch (op.$case) {
      case 'leaseGrant': {
        const { lease, ttlMs } = op.value;
        if (this.leases.has(lease)) return refusal('LEASE_EXISTS');
        if (this.noSpace) return refusal('NO_SPACE');
        this.leases.set(lease, this.nowMs + ttlMs);
        return {};
      }
      case 'leaseRevoke': {
        if (!this.leases.has(op.value.lease)) return refusal('LEASE_NOT_FOUND');
        this.#end(op.value.lease);
        return {};
      }
      case 'expire': {
        const due = [...this.leases].filter(([, deadline]) => deadline <= op.value.upToMs);
        due.sort(([a, one], [b, other]) => one - other || Number(BigInt(a) - BigInt(b)));
        for (const [id] of due) this.#end(id);
        return {};
      }
      case 'setKvQuota':
        this.quota = op.value.quotaBytes;
        return {};
      case 'setAlarm':
        this.noSpace = op.value.raised;
        return {};
      case 'kvCompact': {
        const { revision } = op.value;
        if (revision > this.revision) return refusal('FUTURE_REVISION');
        if (revision <= this.compacted) return refusal('COMPACTED');
        this.compacted = revision;
        return { revision: this.revision };
      }
      default:
        return this.#write(op);
    }
  }

  /** A restore: all leases end, revisions jump, and what was before is compacted. */
  beginNewCluster(jump: number): void {
    const revision = this.revision + jump;
    for (const id of [...this.leases.keys()].sort((a, b) => Number(BigInt(a) - BigInt(b)))) this.#end(id);
    this.revision = this.compacted = revision;
    this.noSpace = false;
    this.#sealQuota();
  }

  /** What a compaction gives up goes between entries. */
  endEntry(): void {
    this.revisions.forEach((each, at) => {
      const next = this.revisions.slice(at + 1).find(({ key }) => key === each.key);
      const superseded = next !== undefined && next.main <= this.compacted;
      if (each.value === undefined ? each.main < this.compacted : superseded) each.gone = true;
    });
    this.#sealQuota();
  }

  #sealQuota(): void {
    if (this.quota === 0 || this.bytes <= this.quota - Math.floor(this.quota / 20)) this.quotaAlarm = false;
  }

  range(request: KvRangeRequest): Plain {
    const { revision, limit, countOnly, keysOnly, sortTarget, sortOrder } = request;
    if (request.key.length === 0) return refusal('INVALID_ARGUMENT');
    if (revision > this.revision) return refusal('FUTURE_REVISION');
    if (revision > 0 && revision < this.compacted) return refusal('COMPACTED');
    const all = this.at(revision || this.revision).filter(({ key }) => inRange(key, request));
    if (countOnly) return { revision: this.revision, kvs: [], more: false, count: all.length };
    const field = (['key', 'version', 'createRevision', 'modRevision', 'value'] as const)[sortTarget];
    const sign = sortOrder === 2 ? -1 : 1;
    const kvs = all
      .filter(({ modRevision: mod }) => mod >= request.minModRevision)
      .filter(({ modRevision: mod }) => request.maxModRevision === 0 || mod <= request.maxModRevision)
      .filter(({ createRevision: created }) => created >= request.minCreateRevision)
      .filter(
        ({ createRevision: created }) =>
          request.maxCreateRevision === 0 || created <= request.maxCreateRevision,
      )
      .sort((a, b) => sign * (a[field] < b[field] ? -1 : a[field] > b[field] ? 1 : 0));
    const page = limit === 0 ? kvs : kvs.slice(0, limit);
    const shown = page.map((kv) => (keysOnly ? { ...kv, value: '' } : kv));
    return { revision: this.revision, kvs: shown, more: page.length < kvs.length, count: all.length };
  }

  /** All that happened to a range from a revision on. */
  since(from: number, range: Range): Plain[] {
    return this.revisions
      .filter(({ main, key }) => main >= from && inRange(key, range))
      .map((each) => {
        const before = this.revisions
          .slice(0, this.revisions.indexOf(each))
          .findLast(({ key }) => key === each.key);
        const { key, main: modRevision, created: createRevision, version, value = '', lease } = each;
        return {
          type: each.value === undefined ? 1 : 0,
          kv: { key, modRevision, createRevision, version, value, lease },
          prevKv:
            before?.value === undefined || modRevision <= this.compacted
              ? undefined
              : this.at(modRevision - 1).find((kv) => kv.key === key),
        };
      });
  }

  #write(op: Op): Plain {
    const operation = operationOf(op);
    const cost = costOf([operation]);
    const wrong =
      wrongOf(operation, 129) ??
      (cost > 0 && this.noSpace ? 'NO_SPACE' : undefined) ??
      (cost > 0 && this.quota > 0 && this.bytes + cost > this.quota ? 'QUOTA_EXCEEDED' : undefined);
    if (wrong === 'QUOTA_EXCEEDED') this.quotaAlarm = true;
    if (wrong !== undefined) return refusal(wrong);
    const step = stepOf(operation, (compare) => this.#holds(compare));
    const impossible = leavesOf(step)
      .map((leaf) => this.#impossible(leaf))
      .find((each) => each !== undefined);
    return impossible === undefined ? this.#make(step) : refusal(impossible);
  }

  #impossible({ request }: KvOperation): string | undefined {
    if (request?.$case === 'range') {
      const { revision } = request.value;
      if (revision > this.revision) return 'FUTURE_REVISION';
      return revision > 0 && revision < this.compacted ? 'COMPACTED' : undefined;
    }
    if (request?.$case !== 'put') return undefined;
    const { key, lease, ignoreLease, ignoreValue } = request.value;
    if (lease !== '0' && !this.leases.has(lease)) return 'LEASE_NOT_FOUND';
    if ((ignoreLease || ignoreValue) && this.#find(text(key)) === undefined) return 'KEY_NOT_FOUND';
    return undefined;
  }

  #holds(compare: KvCompare): boolean {
    const found = this.at(this.revision).filter(({ key }) => inRange(key, compare));
    const target = compare.target ?? { $case: 'version' as const, value: 0 };
    const wanted = typeof target.value === 'object' ? text(target.value) : Number(target.value);
    const holds = (actual: string | number): boolean =>
      [actual === wanted, actual > wanted, actual < wanted, actual !== wanted][compare.result]!;
    const field = target.$case;
    if (found.length === 0) return field !== 'value' && holds(0);
    return found.every((kv) => holds(field === 'lease' ? Number(kv.lease) : kv[field]));
  }

  #make(step: Step): Plain {
    const { operation, steps } = step;
    const { request } = operation;
    switch (request?.$case) {
      case undefined:
        throw new Error('an operation without content');
      case 'range':
        return this.range(request.value);
      case 'txn': {
        const responses = steps.map((each) => this.#make(each));
        return { revision: this.revision, succeeded: step.succeeded, responses };
      }
      case 'put': {
        const { key: bytes, value, lease, ignoreLease, ignoreValue, prevKv } = request.value;
        const key = text(bytes);
        const old = this.#find(key);
        this.#change(key, ignoreValue ? old!.value : text(value), ignoreLease ? old!.lease : lease);
        return { revision: this.revision, prevKv: prevKv ? old : undefined };
      }
      case 'deleteRange': {
        const doomed = this.at(this.revision).filter(({ key }) => inRange(key, request.value));
        for (const { key } of doomed) this.#change(key, undefined, '0');
        const { prevKv } = request.value;
        return { revision: this.revision, deleted: doomed.length, prevKvs: prevKv ? doomed : [] };
      }
    }
  }

  #find(key: string): ModelKv | undefined {
    return this.at(this.revision).find((kv) => kv.key === key);
  }

  #change(key: string, value: string | undefined, lease: string): void {
    const old = this.#find(key);
    if (!this.#changed) this.revision++;
    this.#changed = true;
    const main = this.revision;
    const created = value === undefined ? 0 : (old?.createRevision ?? main);
    const version = value === undefined ? 0 : (old?.version ?? 0) + 1;
    const bytes = 13 + 29 + key.length + (value?.length ?? 0);
    this.revisions.push({ main, key, value, created, version, lease, bytes, gone: false });
  }

  #end(lease: string): void {
    this.leases.delete(lease);
    this.#changed = false;
    for (const kv of this.at(this.revision)) if (kv.lease === lease) this.#change(kv.key, undefined, '0');
  }
}
