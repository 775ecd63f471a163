import { expect } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPLICA_PROGRAM } from '../harness/programs.js';
import { TestBed } from '../harness/test-bed.js';
import { settingsFile } from './layers.js';
import { UNSAFE } from './unsafe.js';

const START_MS = 30_000;
const AT_ONCE = 3;
const USAGE = 64;
const bed = new TestBed();

/** With nothing but the program itself between the file and the data. */
bed.scenario(
  'a replica process refuses each of the settings that are unsafe by themselves, naming the rule',
  180_000,
  async () => {
    const folder = bed.subfolder('unsafe');
    const refusal = async (at: number): Promise<void> => {
      const [rule, asked] = UNSAFE[at]!;
      const settings = join(folder, `settings-${at}.yaml`);
      const record = join(folder, `record-${at}.json`);
      writeFileSync(settings, settingsFile(asked));
      const members = Array.from({ length: asked.replicas }, (_, i) => ({
        id: i + 1,
        name: `aegis-${i}`,
        nonce: String(i + 1).repeat(32),
        peerAddress: `127.0.0.1:${7_000 + 3 * i}`,
        clientAddress: `127.0.0.1:${7_001 + 3 * i}`,
        metricsAddress: `127.0.0.1:${7_002 + 3 * i}`,
      }));
      writeFileSync(record, JSON.stringify({ clusterId: 'a'.repeat(32), members }));
      const data = join(folder, `data-${at}`);
      const flags = ['--data', data, '--bootstrap', record, '--settings', settings, '--insecure'];
      const life = bed.spawn(`unsafe-${at}`, [REPLICA_PROGRAM, 'start', ...flags]);
      const status = await life.status(START_MS);
      const said = life.stderr.join('\n');
      expect({ rule, status, said }).toEqual({ rule, status: USAGE, said: expect.stringContaining(rule) });
    };
    for (let at = 0; at < UNSAFE.length; at += AT_ONCE) {
      const some = UNSAFE.slice(at, at + AT_ONCE).map((_, i) => refusal(at + i));
      await Promise.all(some);
    }
  },
);
