import type { LeaseAttachment, LeaseListResponse, LeaseTimeToLiveResponse } from '@aegis/proto/v1/lease';
import { keysInOrder } from '../kv/delete-range.js';
import { bytesOf } from '../kv/key.js';
import { firstOf, PAGE_MAX, pageSize } from '../page.js';
import type { State } from '../state.js';
import type { Lease } from './lease.js';

/** A lease without its keys, which may be very many. */
export interface LeaseSummary {
  readonly lease: string;
  readonly ttlMs: number;
  readonly remainingMs: number;
  /** What it holds (token above 0) and waits for, in the order in which it asked: the first of them. */
  readonly claims: readonly LeaseAttachment[];
  readonly claimCount: number;
  readonly keyCount: number;
}

/** @param most how many claims are listed */
export function summarizeLease(state: State, id: string, most: number): LeaseSummary | undefined {
  const lease = state.leases.get(id);
  if (lease === undefined) return undefined;
  return {
    lease: id,
    ttlMs: lease.ttlMs,
    remainingMs: remaining(state, lease),
    claims: attachmentsOf(lease, most),
    claimCount: lease.claims.length,
    keyCount: lease.keys?.size ?? 0,
  };
}

export function describeLease(state: State, id: string): LeaseTimeToLiveResponse | undefined {
  const lease = state.leases.get(id);
  if (lease === undefined) return undefined;
  return {
    lease: id,
    ttlMs: lease.ttlMs,
    remainingMs: remaining(state, lease),
    grantIndex: lease.grantIndex,
    attachments: attachmentsOf(lease, PAGE_MAX),
    attachmentCount: lease.claims.length,
    keys: keysInOrder(state.kv, lease.keys ?? [])
      .slice(0, PAGE_MAX)
      .map(({ key }) => bytesOf(key)),
    keyCount: lease.keys?.size ?? 0,
  };
}

export function listLeases(state: State, after: string, limit: number): LeaseListResponse {
  // Ids are numbers, so the next one is where the page begins.
  const { page, more } = firstOf(state.leases.from(String(BigInt(after) + 1n)), pageSize(limit));
  const leases = page.map((lease) => ({
    lease: lease.id,
    ttlMs: lease.ttlMs,
    remainingMs: remaining(state, lease),
    attachments: lease.claims.length + (lease.keys?.size ?? 0),
  }));
  return { leases, more, total: state.leases.size };
}

function attachmentsOf(lease: Lease, most: number): LeaseAttachment[] {
  const attachments: LeaseAttachment[] = [];
  for (const { lock, claim, token } of lease.claims) {
    if (attachments.length === most) break;
    attachments.push({ kind: lock.kind, name: lock.name, claim, token });
  }
  return attachments;
}

function remaining(state: State, lease: Lease): number {
  return lease.deadline.atMs - state.clock.nowMs;
}
