import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { readConfig } from './config.js';

const folder = mkdtempSync(join(tmpdir(), 'aegis-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'agent.json');
const GOOD = { folder: join(folder, 'agent'), socket: '/run/s', repository: '/srv/config.git' };
const write = (more: object): void => writeFileSync(path, JSON.stringify({ ...GOOD, ...more }));

test('model and webhooks are files, and off by default', () => {
  write({});
  expect(readConfig(path)).toMatchObject({ model: undefined, webhooks: undefined });
  write({ model: '/etc/model.yaml', webhooks: '/etc/webhooks.yaml' });
  expect(readConfig(path)).toMatchObject({ model: '/etc/model.yaml', webhooks: '/etc/webhooks.yaml' });
  write({ model: 'model.yaml' });
  expect(() => readConfig(path)).toThrow(`${path}: model has to be an absolute path`);
});

test.each(['model', 'webhooks'])(
  'a file of %s that is not there ends the command before anything begins',
  async (name) => {
    write({ [name]: join(folder, 'nowhere.yaml') });
    expect(await runCommand(['--config', path])).toBe(64);
  },
);
