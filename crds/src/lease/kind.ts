import { LOCK_DELAY_MS_MAX, NAME_BYTES_MAX, PERMITS_MAX } from '@aegis/replica/lock-limits';
import { FIELDS } from '@aegis/replica/settings';
import { immutable } from '../cel/changes.js';
import { conditions } from '../schema/conditions.js';
import { group, list } from '../schema/composites.js';
import { defineKind, type Resource } from '../schema/kind.js';
import { clusterRef } from '../schema/references.js';
import { choice, text, time, whole } from '../schema/scalars.js';
import { optional, type TypeOf } from '../schema/schema.js';

const LARGEST = Number.MAX_SAFE_INTEGER;
/** A status shows so many holders; counts say how many there are. */
export const HOLDERS_SHOWN_MAX = 10;
export const LOCK_MODES = ['Exclusive', 'Shared', 'Semaphore'] as const;

export const LEASE_CONDITIONS = {
  Observed: 'the cluster answered, and this status is what it said.',
  PolicyKept:
    'whoever holds or waits does so in the declared mode and with the declared permits, and no other declaration says otherwise.',
} as const;

const leaseSpec = group(
  'The policy of one lock. Clients hold the lock, never this object; the members do not know it, and hold no client back by it: the operator says when it is not kept.',
  {
    clusterRef,
    key: text(`The name of the lock, 1 to ${NAME_BYTES_MAX} bytes of UTF-8.`, {
      min: 1,
      max: NAME_BYTES_MAX,
    }),
    mode: choice(
      'How it is held: by one, by many who only share, or by as many as there are permits.',
      LOCK_MODES,
      {
        default: 'Exclusive',
      },
    ),
    permits: optional(
      whole('How many may hold a semaphore at once; with that mode only.', { min: 1, max: PERMITS_MAX }),
    ),
    ttlMs: whole(
      'How long a holder may be silent before its lease ends, in milliseconds: what clients are to ask for. The cluster has to allow it; what each client asked for is not compared.',
      {
        min: FIELDS.leaseMinTtlMs.min,
        max: FIELDS.leaseMaxTtlMs.max,
        default: 15_000,
      },
    ),
    lockDelayMs: whole(
      'How long the lock rests after a holder whose lease ended without a release, in milliseconds: what clients are to ask for. It is not compared.',
      { min: 0, max: LOCK_DELAY_MS_MAX, default: 0 },
    ),
  },
  {
    rules: [
      immutable('clusterRef', 'Make another AegisLease for another cluster.'),
      immutable('key', 'Make another AegisLease for another lock.'),
      {
        rule: "(self.mode == 'Semaphore') == has(self.permits)",
        message: 'permits goes with the mode Semaphore, and with no other',
        reason: 'FieldValueInvalid',
        fieldPath: '.permits',
      },
      {
        rule: `size(bytes(self.key)) <= ${NAME_BYTES_MAX}`,
        message: `key may have at most ${NAME_BYTES_MAX} bytes of UTF-8`,
        reason: 'FieldValueInvalid',
        fieldPath: '.key',
      },
    ],
  },
);

const holder = group('One holder.', {
  lease: text('The id of its lease, as hex digits.', { min: 1, max: 20 }),
  claim: whole('Tells apart the claims of one lease.', { min: 0, max: LARGEST }),
  fencingToken: whole('Its fencing token: later grants have larger ones.', { min: 0, max: LARGEST }),
  mode: choice('How it holds the lock.', LOCK_MODES),
});

const leaseStatus = group('How the lock is, as the cluster told it last; refreshed at most every 5 s.', {
  observedGeneration: optional(
    whole('The generation of the spec that this status is about.', { min: 0, max: LARGEST }),
  ),
  conditions: optional(conditions(LEASE_CONDITIONS)),
  holders: optional(
    list(`The first ${HOLDERS_SHOWN_MAX} holders, in the order of their grants.`, holder, {
      max: HOLDERS_SHOWN_MAX,
    }),
  ),
  holderCount: optional(whole('How many hold it.', { min: 0, max: PERMITS_MAX })),
  waiterCount: optional(whole('How many wait for it.', { min: 0, max: LARGEST })),
  newestToken: optional(whole('The largest fencing token among the holders.', { min: 0, max: LARGEST })),
  observedTime: optional(
    time('When the cluster was asked. What has not changed since is written again after ten minutes.'),
  ),
});

export const aegisLease = defineKind({
  kind: 'AegisLease',
  plural: 'aegisleases',
  singular: 'aegislease',
  shortNames: ['aegis-lease', 'alease'],
  description:
    'The declared policy of one lock, and a view of who holds it. It cannot be deleted while it is held, unless the annotation aegis.dev/delete-while-held is "true".',
  spec: leaseSpec,
  status: leaseStatus,
  columns: [
    { name: 'Cluster', type: 'string', jsonPath: '.spec.clusterRef.name', description: 'The cluster.' },
    { name: 'Key', type: 'string', jsonPath: '.spec.key', description: 'The name of the lock.' },
    { name: 'Mode', type: 'string', jsonPath: '.spec.mode', description: 'How it is held.' },
    { name: 'Holders', type: 'integer', jsonPath: '.status.holderCount', description: 'How many hold it.' },
    { name: 'Waiters', type: 'integer', jsonPath: '.status.waiterCount', description: 'How many wait.' },
    {
      name: 'Token',
      type: 'integer',
      jsonPath: '.status.newestToken',
      description: 'The newest fencing token.',
    },
    { name: 'TTL ms', type: 'integer', jsonPath: '.spec.ttlMs', description: 'Its TTL.', priority: 1 },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'Since when it is there.',
    },
  ],
});

export type AegisLeaseSpec = TypeOf<typeof leaseSpec>;
export type AegisLeaseStatus = TypeOf<typeof leaseStatus>;
export type AegisLease = Resource<AegisLeaseSpec, AegisLeaseStatus>;
