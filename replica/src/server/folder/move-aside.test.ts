import { expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DataFolder } from './data-folder.js';
import { moveAside } from './move-aside.js';

function scene() {
  const volume = mkdtempSync(join(tmpdir(), 'aegis-aside-'));
  return { volume, data: join(volume, 'member'), end: () => rmSync(volume, { recursive: true }) };
}

test('a folder goes aside with its member and the time, the next one has another nonce, and the newest alone is kept', () => {
  const { volume, data, end } = scene();
  try {
    const nonces: string[] = [];
    for (const [at, memberId] of [10, 9].entries()) {
      const folder = DataFolder.prepare(data);
      nonces.push(folder.identity.nonce);
      folder.join('cluster-1', memberId);
      writeFileSync(join(data, 'mark'), String(memberId));
      const aside = moveAside(data, new Date(Date.UTC(2026, 0, 1, 0, 0, at)));
      expect(aside).toBe(join(volume, `member.removed-${memberId}-20260101T00000${at}Z`));
      expect(existsSync(data)).toBe(false);
    }
    expect(new Set(nonces).size).toBe(2);
    writeFileSync(join(volume, 'member.other'), '');
    DataFolder.prepare(data);
    // One that only waited to be added has no id. A clock that goes back does not make an old one newer.
    expect(moveAside(data, new Date(Date.UTC(2026, 0, 2)))).toBe(
      join(volume, 'member.removed-0-20260102T000000Z'),
    );
    expect(readdirSync(volume).sort()).toEqual(['member.other', 'member.removed-0-20260102T000000Z']);
  } finally {
    end();
  }
});

test('what cannot be moved is refused with what to do', () => {
  const { volume, data, end } = scene();
  try {
    DataFolder.prepare(data);
    const at = new Date(Date.UTC(2026, 0, 1));
    writeFileSync(join(volume, 'member.removed-0-20260101T000000Z'), 'in the way');
    expect(() => moveAside(data, at)).toThrow(/--when-removed move-aside: .*member cannot become .* by hand/);
    expect(existsSync(join(data, 'identity.json'))).toBe(true);
  } finally {
    end();
  }
});
