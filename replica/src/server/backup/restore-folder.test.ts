import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { crc32c } from '../../log/crc32c.js';
import { kvOp, plain, rangeRequest } from '../../state/kv/testing/kv-script.js';
import { MemoryStorage, RESTORE_JUMP, STATE_VERSION, type StateStorage } from '../../state/index.js';
import { op, Script } from '../../state/testing/script.js';
import { BackupWriter, verifyBackupFile } from '../../backup/index.js';
import type { BootstrapRecord } from '../folder/bootstrap-record.js';
import { DataFolder } from '../folder/data-folder.js';
import { firstMembership } from '../folder/first-membership.js';
import { Logger } from '../logger.js';
import { openStorage } from '../storage.js';
import { realWorld, type World } from '../world.js';
import { beginFromBackup, restoreFolder } from './restore-folder.js';
import { restoreState } from './restore-state.js';
import { ChunkBuilder } from '../snapshot/rows-codec.js';
import { backupOf, headerOf } from './testing/backup-of.js';

const ALL = rangeRequest('\0', '\0');
const logger = new Logger('error');
let root: string;
let file: string;
let script: Script;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'aegis-restore-'));
  script = await Script.start();
  script.do(op.grant('7', 60_000));
  script.do(op.acquire('lock', '7'));
  for (let at = 0; at < 60; at++) script.do(kvOp.put(`key-${at % 40}`, `value ${at}`));
  script.do(kvOp.put('ephemeral', 'x', { lease: '7' }));
  file = join(root, 'backup');
  writeFileSync(file, await backupOf(script.machine));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A cluster to be: prepared folders and their record. */
async function prepared(members = 3, more: Partial<BootstrapRecord> = {}) {
  const paths = Array.from({ length: members }, (_, at) => join(root, `member-${at + 1}`));
  const record: BootstrapRecord = {
    clusterId: '0123456789abcdef-new',
    members: paths.map((path, at) => ({
      id: at + 1,
      nonce: DataFolder.prepare(path).identity.nonce,
      name: `m${at + 1}`,
      peerAddress: `127.0.0.1:${7001 + at}`,
      clientAddress: `127.0.0.1:${7101 + at}`,
      metricsAddress: `127.0.0.1:${7201 + at}`,
    })),
    backup: (await verifyBackupFile(file)).digest,
    ...more,
  };
  return { paths, record };
}

/** What a start does with a folder of a first member. */
async function openedAs(...[path, record, world, log]: [string, BootstrapRecord, World, Logger]) {
  const folder = DataFolder.prepare(path);
  const memberId = record.members.find(({ nonce }) => nonce === folder.identity.nonce)!.id;
  return openStorage(folder, { memberId }, record, world, log);
}

const refusal = (work: Promise<unknown>): Promise<{ reason: string; message: string }> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: { reason: string; message: string }) => error,
  );

describe('restoring a folder', () => {
  test('every member of the record begins with the same bytes, after the backup', async () => {
    const { paths, record } = await prepared();
    const restored = [];
    for (const path of paths) restored.push(await restoreFolder(path, file, record, realWorld));
    expect(restored.map(({ memberId }) => memberId)).toEqual([1, 2, 3]);
    expect(new Set(restored.map(({ stateHash }) => stateHash)).size).toBe(1);
    const { machine } = script;
    expect(restored[0]).toMatchObject({
      clusterId: record.clusterId,
      backup: record.backup,
      index: machine.appliedIndex + RESTORE_JUMP,
      revision: machine.kv.revision + RESTORE_JUMP,
      newestToken: 1 + RESTORE_JUMP,
      keys: 40,
    });

    const contents = new Set<string>();
    for (const path of paths) {
      const replica = await openedAs(path, record, realWorld, logger);
      try {
        const { state, log } = replica;
        expect(log.firstIndex()).toBe(state.appliedIndex + 1);
        expect(log.lastIndex()).toBe(state.appliedIndex);
        expect(log.term(state.appliedIndex)).toBe(state.appliedTerm);
        expect(log.hardState).toEqual({ term: state.appliedTerm, vote: 0, commit: state.appliedIndex });
        expect(state.hash).toBe(restored[0]!.stateHash);
        expect(state.membership).toEqual(firstMembership(record));
        const found = plain(state.kvRange(ALL)) as { kvs: { key: string; modRevision: number }[] };
        const before = plain(machine.kvRange(ALL)) as { kvs: { key: string }[] };
        expect(found.kvs).toEqual(before.kvs.filter(({ key }) => key !== 'ephemeral'));
        contents.add((await state.contentHash()).hash);
      } finally {
        await replica.close();
      }
    }
    expect(contents.size).toBe(1);
  });

  test('another number of members, and a backup that was cut into other chunks: the same state', async () => {
    const hashes = [];
    for (const [members, chunkBytes] of [
      [1, 200],
      [1, 100_000],
    ] as const) {
      rmSync(join(root, 'member-1'), { recursive: true, force: true });
      writeFileSync(file, await backupOf(script.machine, chunkBytes, { takenAtMs: 5 }));
      const { paths, record } = await prepared(members);
      const one = { ...record, members: [{ ...record.members[0]!, nonce: '0'.repeat(32) }] };
      const identity = join(paths[0]!, 'identity.json');
      writeFileSync(identity, JSON.stringify({ formatVersion: 1, nonce: '0'.repeat(32) }));
      hashes.push((await restoreFolder(paths[0]!, file, one, realWorld)).stateHash);
    }
    expect(hashes[0]).toBe(hashes[1]);
  });

  test('a start with the backup restores once, and never again', async () => {
    const { paths, record } = await prepared(1);
    await beginFromBackup(paths[0]!, file, record, realWorld, logger);
    const first = await openedAs(paths[0]!, record, realWorld, logger);
    const { appliedIndex, appliedTerm } = first.state;
    await first.log.append({
      entries: [{ type: 0, term: appliedTerm + 1, index: appliedIndex + 1, data: new Uint8Array() }],
      hardState: { term: appliedTerm + 1, vote: 1, commit: appliedIndex + 1 },
    });
    await first.close();
    rmSync(file);
    await beginFromBackup(paths[0]!, file, record, realWorld, logger);
    const again = await openedAs(paths[0]!, record, realWorld, logger);
    expect(again.log.lastIndex()).toBe(appliedIndex + 1);
    expect(again.log.hardState.vote).toBe(1);
    await again.close();
  });
});

describe('an interrupted restore', () => {
  /** The folder as a crash before the last step leaves it, and further back. */
  const stages: [string, (path: string) => void][] = [
    ['before it is a member', () => {}],
    ['before the log is made', (path) => rmSync(join(path, 'log'), { recursive: true })],
    [
      'while the log is made',
      (path) => {
        const log = join(path, 'log');
        rmSync(log, { recursive: true });
        cpSync(join(path, 'identity.json'), join(log, '0000000000000001.log.new'));
      },
    ],
    [
      'while the state is filled',
      (path) => {
        rmSync(join(path, 'log'), { recursive: true });
        rmSync(join(path, 'state', '2', 'CURRENT'));
      },
    ],
  ];

  test.each(stages)('%s: nothing starts from it, and a repeat finishes it', async (_when, undo) => {
    const { paths, record } = await prepared(1);
    const path = paths[0]!;
    const identity = readFileSync(join(path, 'identity.json'));
    const { stateHash } = await restoreFolder(path, file, record, realWorld);
    writeFileSync(join(path, 'identity.json'), identity);
    undo(path);

    const asIs = await refusal(openedAs(path, record, realWorld, logger));
    expect(asIs).toMatchObject({ reason: 'data', message: expect.stringContaining('begins from backup') });
    expect(await restoreFolder(path, file, record, realWorld)).toMatchObject({ stateHash });
    const restored = await openedAs(path, record, realWorld, logger);
    expect(restored.state.hash).toBe(stateHash);
    await restored.close();
    expect(existsSync(join(path, 'state', '1'))).toBe(false);
  });

  test('is not taken up by a cluster that begins empty with the same folders', async () => {
    const { paths, record } = await prepared(1);
    const path = paths[0]!;
    const identity = readFileSync(join(path, 'identity.json'));
    await restoreFolder(path, file, record, realWorld);
    writeFileSync(join(path, 'identity.json'), identity);
    const { backup: _, ...empty } = record;
    const refused = await refusal(
      openedAs(path, { ...empty, clusterId: 'fedcba9876543210' }, realWorld, logger),
    );
    expect(refused).toMatchObject({
      reason: 'data',
      message: expect.stringContaining('a restore was interrupted'),
    });
  });

  test('a full disk, at any write: nothing is left that could start', async () => {
    const { record } = await prepared(1);
    async function* source(): AsyncGenerator<Uint8Array> {
      const bytes = readFileSync(file);
      for (let at = 0; at < bytes.length; at += 500) yield bytes.subarray(at, at + 500);
    }
    let room = 0;
    for (; ; room++) {
      let left = room;
      let removed = false;
      class Small extends MemoryStorage {
        override async write(...args: Parameters<StateStorage['write']>): Promise<void> {
          if (left-- === 0) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
          await super.write(...args);
        }
      }
      const folders = {
        create: async () => new Small(),
        sync: async () => {},
        remove: async () => void (removed = true),
      };
      const restoring = restoreState(source(), folders, '2', firstMembership(record));
      const failed = await restoring.then(
        () => undefined,
        (error: NodeJS.ErrnoException) => error,
      );
      if (failed === undefined) break;
      expect(failed.code).toBe('ENOSPC');
      expect(removed).toBe(true);
    }
    expect(room).toBeGreaterThan(10);
  });
});

describe('bad input', () => {
  test('a changed byte anywhere: refused before the folder is touched', async () => {
    const { paths, record } = await prepared(1);
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at += 97) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0x10;
      writeFileSync(file, bytes);
      const refused = await refusal(restoreFolder(paths[0]!, file, record, realWorld));
      expect(refused).toMatchObject({ reason: 'data', message: expect.stringMatching(/damaged/) });
    }
    expect(existsSync(join(paths[0]!, 'state'))).toBe(false);
  });

  test.each<[string, (whole: Buffer) => Buffer, RegExp]>([
    ['a cut one', (whole) => whole.subarray(0, whole.length - 1), /cut off after \d+ bytes/],
    ['an empty file', () => Buffer.alloc(0), /it is empty/],
    ['another kind of file', () => Buffer.from('kind: AegisCluster\n'.repeat(9)), /no backup of AEGIS/],
    [
      'a newer format',
      (whole) => {
        const bytes = Buffer.from(whole);
        bytes.writeUInt32BE(9, 8);
        bytes.writeUInt32BE(crc32c(bytes, 0, 12), 12);
        return bytes;
      },
      /it has format 9, and this version of AEGIS reads up to 1/,
    ],
  ])('%s', async (_what, change, message) => {
    const { paths, record } = await prepared(1);
    writeFileSync(file, change(readFileSync(file)));
    expect(await refusal(restoreFolder(paths[0]!, file, record, realWorld))).toMatchObject({
      reason: 'data',
      message: expect.stringMatching(message),
    });
    expect(existsSync(join(paths[0]!, 'state'))).toBe(false);
  });

  test('a newer state', async () => {
    writeFileSync(file, await backupOf(script.machine, 200, { stateVersion: STATE_VERSION + 1 }));
    const { paths, record } = await prepared(1);
    expect(await refusal(restoreFolder(paths[0]!, file, record, realWorld))).toMatchObject({
      reason: 'data',
      message: expect.stringContaining(`its state is of version ${STATE_VERSION + 1}`),
    });
  });

  test('a header that is not that of the rows', async () => {
    writeFileSync(file, await backupOf(script.machine, 200, { stateHash: '0'.repeat(64) }));
    let { paths, record } = await prepared(1);
    expect((await refusal(restoreFolder(paths[0]!, file, record, realWorld))).message).toMatch(
      /its header says 0000/,
    );
    writeFileSync(file, await backupOf(script.machine, 200, { index: 5 }));
    ({ paths, record } = await prepared(1));
    expect((await refusal(restoreFolder(paths[0]!, file, record, realWorld))).message).toMatch(
      /was offered as/,
    );
    expect(await refusal(openedAs(paths[0]!, record, realWorld, logger))).toMatchObject({
      reason: 'data',
    });
  });

  test('rows that are no state, though every checksum is right', async () => {
    const rowsOf = (...rows: [string, string][]): Buffer => {
      const builder = new ChunkBuilder();
      for (const [key, value] of rows) builder.add({ key: Buffer.from(key), value: Buffer.from(value) });
      return builder.take();
    };
    const genuine: [string, string][] = [];
    for await (const { key, value } of script.machine.view().rows) {
      genuine.push([Buffer.from(key).toString('latin1'), Buffer.from(value).toString('latin1')]);
    }
    const damagedRow = new ChunkBuilder();
    for (const [key, value] of genuine) {
      const bytes = Buffer.from(value, 'latin1');
      if (key.startsWith('L')) bytes.fill(0xff);
      damagedRow.add({ key: Buffer.from(key, 'latin1'), value: bytes });
    }
    for (const [rows, reason] of [
      [Buffer.from('not even rows'), /a chunk ends within/],
      [rowsOf(['V', 'a row'], ['X', 'of nothing']), /does not say at which index/],
      [rowsOf(['M', 'no meta row']), /its rows are no state/],
      [damagedRow.take(), /its rows are no state/],
    ] as const) {
      const writer = new BackupWriter(headerOf(script.machine));
      const parts = [
        writer.begin(),
        writer.rows(rows),
        writer.end(createHash('sha256').update(rows).digest()),
      ];
      writeFileSync(file, Buffer.concat(parts));
      const { paths, record } = await prepared(1);
      expect(await refusal(restoreFolder(paths[0]!, file, record, realWorld))).toMatchObject({
        reason: 'data',
        message: expect.stringMatching(reason),
      });
      rmSync(paths[0]!, { recursive: true });
    }
  });

  test('a file that is not there', async () => {
    const { paths, record } = await prepared(1);
    expect(await refusal(restoreFolder(paths[0]!, join(root, 'none'), record, realWorld))).toMatchObject({
      reason: 'usage',
      message: expect.stringMatching(/--backup .*none: cannot be read/),
    });
    expect(await refusal(restoreFolder(paths[0]!, root, record, realWorld))).toMatchObject({
      reason: 'usage',
    });
  });

  test('a wrong record', async () => {
    const { paths, record } = await prepared(1);
    const path = paths[0]!;
    const { backup: _, ...without } = record;
    for (const attempt of [
      restoreFolder(path, file, without, realWorld),
      beginFromBackup(path, file, without, realWorld, logger),
    ]) {
      expect(await refusal(attempt)).toMatchObject({
        reason: 'usage',
        message: expect.stringMatching(/names no backup/),
      });
    }
    expect(
      await refusal(restoreFolder(path, file, { ...record, backup: '0'.repeat(64) }, realWorld)),
    ).toMatchObject({
      reason: 'usage',
      message: expect.stringMatching(/begins from 0000/),
    });
    const same = { ...record, clusterId: script.machine.membership!.clusterId };
    expect((await refusal(restoreFolder(path, file, same, realWorld))).message).toMatch(
      /needs an id of its own/,
    );
    const strangers = record.members.map((member) => ({ ...member, nonce: 'f'.repeat(32) }));
    expect(
      await refusal(restoreFolder(path, file, { ...record, members: strangers }, realWorld)),
    ).toMatchObject({
      reason: 'data',
      message: expect.stringMatching(/its nonce .* is not in the bootstrap record/),
    });
  });

  test('a folder that is a member already', async () => {
    const { paths, record } = await prepared(2);
    await restoreFolder(paths[0]!, file, record, realWorld);
    expect(await refusal(restoreFolder(paths[0]!, file, record, realWorld))).toMatchObject({
      reason: 'data',
      message: expect.stringMatching(/is member 1 of cluster .* already/),
    });
    expect(await restoreFolder(paths[1]!, file, record, realWorld)).toMatchObject({ memberId: 2 });
  });
});
