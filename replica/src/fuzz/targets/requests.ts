/** One request of each kind that clients send, as JSON of the wire contract. Bytes are base64. */
const key = 'YQ==';
const end = 'eg==';
const value = 'dmFsdWU=';
const put = { key, value, lease: '1', prevKv: true };
const range = { key, rangeEnd: end, limit: 10, sortOrder: 1, sortTarget: 3, minModRevision: 1 };
const remove = { key, rangeEnd: end, prevKv: true };
const txn = {
  compare: [
    { key, result: 1, version: 0 },
    { key, rangeEnd: end, result: 0, value },
  ],
  success: [
    { put },
    { range },
    { txn: { success: [{ put: { key: 'Yg==', value } }], failure: [{ range }] } },
  ],
  failure: [{ deleteRange: remove }],
};

/** Those that become commands in the log. */
export const CHANGES: readonly object[] = [
  { leaseGrant: { lease: '1', ttlMs: 10_000 } },
  { leaseKeepAlive: { leases: ['1', '2'] } },
  { leaseRevoke: { lease: '2' } },
  { lockAcquire: { name: 'a', lease: '1', claim: 1, mode: 1, waitMs: -1, lockDelayMs: 500 } },
  { lockAcquire: { name: 'a', lease: '1', claim: 2, mode: 3, permits: 2, waitMs: 300 } },
  { lockRelease: { name: 'a', lease: '1', claim: 1 } },
  { campaign: { election: 'e', lease: '1', claim: 1, value, waitMs: -1 } },
  { proclaim: { election: 'e', lease: '1', claim: 1, value } },
  { resign: { election: 'e', lease: '1', claim: 1 } },
  { kvPut: put },
  { kvPut: { key: 'Yg==', value } },
  { kvDeleteRange: remove },
  { kvTxn: txn },
  { kvCompact: { revision: 3 } },
];

export const READS: readonly object[] = [
  { leaseTimeToLive: { lease: '1' } },
  { leaseList: { after: '0', limit: 10 } },
  { lockDescribe: { name: 'a' } },
  { lockList: { prefix: 'a', limit: 10 } },
  { leader: { election: 'e' } },
  { kvRange: range },
  { kvRange: { key, countOnly: true, stale: true } },
  { ping: {} },
];

export const WATCHES: readonly object[] = [
  { lockWatch: { name: 'a' } },
  { observe: { election: 'e' } },
  { kvWatch: { key, rangeEnd: end, startRevision: 1, progressNotify: true, filters: [0], prevKv: true } },
  { unwatch: { watch: 3 } },
];

/** The leader's own. */
export const HOUSEKEEPING: readonly object[] = [
  { advance: {} },
  { expire: { upToMs: 5000, limit: 10 } },
  { setLeaseSettings: { leaseMinTtlMs: 500, leaseMaxTtlMs: 60_000, leaseExpiryPerTick: 50 } },
  { setAlarm: { alarm: { kind: 1, memberId: 1 }, raised: true } },
  { scrub: {} },
  { setClusterVersion: { version: 1 } },
  { refuseGrowth: {} },
  { setKvQuota: { quotaBytes: 100_000 } },
];
