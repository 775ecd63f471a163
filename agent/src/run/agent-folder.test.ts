import { afterAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readEvidence } from '../evidence/index.js';
import { AgentFolder } from './agent-folder.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aegis-agent-folder-')));
afterAll(() => rmSync(folder, { recursive: true }));

test('all that the agent keeps can be kept under the permission model that it runs under', () => {
  const [own, evidence] = ['./agent-folder.js', '../evidence/index.js'].map((each) =>
    JSON.stringify(new URL(each, import.meta.url).href),
  );
  const program = `
    import { AgentFolder } from ${own};
    import { EvidenceLog } from ${evidence};
    const folder = new AgentFolder(${JSON.stringify(folder)});
    folder.write('incidents', 'i-1', { id: 'i-1' });
    folder.write('recordings', 'i-1', { recording: 'x'.repeat(1_000_000) });
    await folder.synced();
    const log = EvidenceLog.open(folder.evidencePath);
    log.append(1, 'i-1', 'classify', { verdict: 'incident' });
    log.close();`;
  const code = fileURLToPath(new URL('../../..', import.meta.url));
  const flags = [
    '--permission',
    `--allow-fs-read=${code}`,
    `--allow-fs-read=${folder}/`,
    `--allow-fs-write=${folder}/`,
  ];
  execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', program], { stdio: 'pipe' });
  const kept = new AgentFolder(folder);
  expect(kept.read('incidents', 'i-1')).toEqual({ id: 'i-1' });
  expect(kept.read('recordings', 'i-1')!.recording).toHaveLength(1_000_000);
  expect(readEvidence(kept.evidencePath)).toMatchObject([{ n: 1, step: 'classify' }]);
});
