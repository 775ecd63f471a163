import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { verifyBackupFile } from '../../backup/index.js';
import { kvOp } from '../../state/kv/testing/kv-script.js';
import { Script } from '../../state/testing/script.js';
import type { BootstrapRecord } from '../folder/bootstrap-record.js';
import { DataFolder } from '../folder/data-folder.js';
import { Logger } from '../logger.js';
import { openStorage } from '../storage.js';
import { realWorld } from '../world.js';
import { restoreFirstMember } from './restore-first-member.js';
import { backupOf } from './testing/backup-of.js';

async function scene() {
  const root = mkdtempSync(join(tmpdir(), 'aegis-first-'));
  const script = await Script.start();
  for (let at = 0; at < 20; at++) script.do(kvOp.put(`key-${at}`, `value ${at}`));
  const file = join(root, 'backup');
  writeFileSync(file, await backupOf(script.machine));
  const draft: BootstrapRecord = {
    clusterId: '0123456789abcdef-new',
    members: [
      {
        id: 1,
        nonce: '0'.repeat(32),
        name: 'm1',
        peerAddress: '127.0.0.1:7001',
        clientAddress: '127.0.0.1:7101',
        metricsAddress: '127.0.0.1:7201',
      },
    ],
    backup: (await verifyBackupFile(file)).digest,
  };
  return {
    root,
    file,
    draft,
    data: join(root, 'volume', 'member'),
    end: () => rmSync(root, { recursive: true }),
  };
}

test('a folder that is not there yet becomes the first member, and tells its nonce as often as it is asked', async () => {
  const { file, draft, data, end } = await scene();
  try {
    const first = await restoreFirstMember(data, file, draft, realWorld);
    const { nonce } = DataFolder.prepare(data).identity;
    expect(first).toMatchObject({ memberId: 1, clusterId: draft.clusterId, backup: draft.backup, nonce });
    // Nobody heard it, and by now the file is gone.
    expect(await restoreFirstMember(data, `${file}-gone`, draft, realWorld)).toEqual({
      memberId: 1,
      clusterId: draft.clusterId,
      backup: draft.backup,
      nonce,
    });
    // With the record that has it, it starts, and has the keys.
    const record = { ...draft, members: [{ ...draft.members[0]!, nonce }] };
    const opened = await openStorage(
      DataFolder.prepare(data),
      { memberId: 1 },
      record,
      realWorld,
      new Logger('error'),
    );
    expect(opened.state.kv.keys).toBe(20);
    expect(opened.state.membership!.members).toMatchObject([{ id: 1, nonce, name: 'm1' }]);
    await opened.close();
  } finally {
    end();
  }
});

test('what is wrong is refused, and can be mended: another backup, more members, the folder of another cluster', async () => {
  const { file, draft, data, end } = await scene();
  try {
    const other = { ...draft, backup: 'ab'.repeat(32) };
    await expect(restoreFirstMember(data, file, other, realWorld)).rejects.toThrow(
      /and cluster .* begins from abab/,
    );
    const two = { ...draft, members: [...draft.members, { ...draft.members[0]!, id: 2 }] };
    await expect(restoreFirstMember(data, file, two, realWorld)).rejects.toThrow(
      /lists 2 members, and has to list one/,
    );
    await restoreFirstMember(data, file, draft, realWorld);
    const foreign = { ...draft, clusterId: 'fedcba9876543210-other' };
    await expect(restoreFirstMember(data, file, foreign, realWorld)).rejects.toThrow(
      /is member 1 of cluster .* already/,
    );
  } finally {
    end();
  }
});
