import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';

import { BackupError, BackupParser, BackupWriter } from '../../backup/index.js';
import { FRAME_HEAD_BYTES, PREFIX_BYTES } from '../../backup/format.js';
import { crc32c } from '../../log/crc32c.js';
import { RefusedStart } from '../../server/exit.js';
import { BadOrder, parseOrder } from '../../server/faults/orders.js';
import { checkBootstrapRecord } from '../../server/folder/bootstrap-record.js';
import { DataFolder } from '../../server/folder/data-folder.js';
import {
  checkEnvelope,
  parseSettingsDocument,
  resolveSettings,
  SettingsError,
} from '../../settings/index.js';
import { accepts, same, type Target } from '../target.js';
import { CLUSTER } from './fresh-state.js';

/** The settings file, from the text to the verdict of the envelope. */
export const settings: Target = {
  name: 'settings',
  shape: 'text',
  seeds: () =>
    [
      'apiVersion: aegis.dev/v1alpha1\nkind: AegisCluster\nmetadata:\n  name: demo\n  namespace: prod\nspec:\n  profile: locks\n  consensus:\n    heartbeatIntervalMs: 50\n    electionTimeoutMs: 500\n    leaseMinTtlMs: 1000\n',
      '# a comment\nkind: Service\n---\n{"apiVersion": "aegis.dev/v1alpha1", "kind": "AegisCluster", "metadata": {"name": "x"}, "spec": {"consensus": {"maxBatchBytes": 65536}}}\n',
      'apiVersion: &v aegis.dev/v1alpha1\nkind: AegisCluster\nmetadata: {name: "y"}\nspec:\n  profile: kv\n  consensus: &c {maxInflightMessages: 16}\n',
    ].map((text) => Buffer.from(text)),
  run: (bytes) =>
    accepts(() => {
      const { profile, consensus } = parseSettingsDocument(bytes.toString());
      checkEnvelope(resolveSettings(profile, consensus));
    }, SettingsError),
};

/** A line of the control channel of faults. */
export const faultOrders: Target = {
  name: 'fault-orders',
  shape: 'text',
  seeds: () =>
    [
      { fault: 'link', to: 2, cut: true, delayMs: 10, jitterMs: 1, lossPercent: 5, bytesPerSecond: 1000 },
      { fault: 'fsync', slowMs: 20, stalled: false, failing: true },
      { fault: 'disk', full: true },
      { fault: 'clock', offsetMs: -5, driftPpm: 100 },
      { fault: 'jump', ms: 3_600_000 },
      { fault: 'garbage', mbPerSecond: 10 },
      { fault: 'none' },
    ].map((order) => Buffer.from(JSON.stringify(order))),
  run: (bytes) =>
    accepts(() => {
      const order = parseOrder(bytes.toString());
      same(
        Buffer.from(JSON.stringify(order)),
        Buffer.from(JSON.stringify(parseOrder(JSON.stringify(order)))),
        'an order',
      );
    }, BadOrder),
};

/** The record of a cluster's first members. */
export const bootstrapRecords: Target = {
  name: 'bootstrap-records',
  shape: 'text',
  seeds: () => [
    Buffer.from(JSON.stringify(RECORD)),
    Buffer.from(JSON.stringify({ ...RECORD, backup: 'a'.repeat(64) })),
  ],
  run: (bytes) =>
    accepts(() => {
      const parsed = parsedJson(bytes);
      same(
        Buffer.from(JSON.stringify(checkBootstrapRecord(parsed, 'here'))),
        Buffer.from(JSON.stringify(checkBootstrapRecord(checkBootstrapRecord(parsed, 'here'), 'here'))),
        'a bootstrap record',
      );
    }, RefusedStart),
};

let folder: string | undefined;
/** Folders in memory, where there are such: what is accepted is synced, which takes five times as long on a disk. */
const IN_MEMORY = '/dev/shm';

/** What a data folder says of itself. */
export const identities: Target = {
  name: 'identities',
  shape: 'text',
  seeds: () =>
    [
      { formatVersion: 1, nonce: 'ab'.repeat(16) },
      { formatVersion: 1, nonce: 'ab'.repeat(16), clusterId: CLUSTER, memberId: 3 },
    ].map((identity) => Buffer.from(JSON.stringify(identity))),
  run: (bytes) => {
    if (folder === undefined) {
      const made = mkdtempSync(join(existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir(), 'aegis-fuzz-'));
      process.once('exit', () => rmSync(made, { recursive: true, force: true }));
      folder = made;
    }
    writeFileSync(join(folder, 'identity.json'), bytes);
    return accepts(() => {
      const { clusterId, memberId, nonce } = DataFolder.prepare(folder!).identity;
      const sound =
        /^[0-9a-f]{32}$/.test(nonce) &&
        (clusterId === undefined || typeof clusterId === 'string') &&
        (memberId === undefined || (Number.isSafeInteger(memberId) && memberId > 0));
      if (!sound) throw new Error(`an identity was accepted that is none: ${clusterId} ${memberId}`);
    }, RefusedStart);
  },
};

/** A backup, in pieces as they come. */
export const backups: Target = {
  name: 'backups',
  shape: 'bytes',
  seeds: () => [backupOf([]), backupOf([Buffer.from('rows of a chunk'), Buffer.from('more')])],
  mend: mendBackup,
  run: (bytes) =>
    accepts(() => {
      const parser = new BackupParser();
      for (let at = 0; at < bytes.length; at += 61) parser.push(bytes.subarray(at, at + 61));
      parser.finish();
    }, BackupError),
};

const RECORD = {
  clusterId: CLUSTER,
  members: [1, 2, 3].map((id) => ({
    id,
    nonce: `${id}`.repeat(32),
    name: `aegis-${id}`,
    peerAddress: `127.0.0.1:${4400 + id}`,
    clientAddress: `[::1]:${4500 + id}`,
    metricsAddress: `aegis-${id}.svc:4600`,
  })),
};

function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch (error) {
    // `readBootstrapRecord` says which file it was.
    throw new RefusedStart('usage', (error as Error).message);
  }
}

function backupOf(chunks: readonly Buffer[]): Buffer {
  const writer = new BackupWriter({
    stateVersion: 1,
    clusterId: CLUSTER,
    memberId: 3,
    index: 12_345,
    term: 7,
    stateHash: 'ab'.repeat(32),
    revision: 99,
    compactedRevision: 4,
    newestToken: 12,
    profile: 'all',
    voters: 5,
    takenAtMs: 1_700_000_000_000,
    software: '0.1.0',
  });
  const digest = createHash('sha256');
  for (const chunk of chunks) digest.update(chunk);
  return Buffer.concat([
    writer.begin(),
    ...chunks.map((chunk) => writer.rows(chunk, crc32c(chunk))),
    writer.end(digest.digest()),
  ]);
}

/** The checksums of prefix and frames are made right, so that what is behind them is read. */
function mendBackup(bytes: Buffer): Buffer {
  if (bytes.length < PREFIX_BYTES) return bytes;
  bytes.writeUInt32BE(crc32c(bytes, 0, 12), 12);
  let at = PREFIX_BYTES;
  while (at + FRAME_HEAD_BYTES <= bytes.length) {
    const end = Math.min(bytes.length, at + FRAME_HEAD_BYTES + bytes.readUInt32BE(at + 1));
    bytes.writeUInt32BE(crc32c(bytes, at + FRAME_HEAD_BYTES, end), at + 5);
    bytes.writeUInt32BE(crc32c(bytes, at, at + 9), at + 9);
    at = end;
  }
  return bytes;
}
