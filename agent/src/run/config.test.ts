import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { DEFAULT_POLICY } from '../propose/index.js';
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

const LEAST = { folder: '/a/agent', socket: '/a/agent.sock', repository: '/a/config.git' };
function readOf(content: object | string) {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readConfig(path);
}

test('what is not said has its defaults', () => {
  expect(readOf(LEAST)).toEqual({
    ...LEAST,
    scrapeMs: 5_000,
    metrics: undefined,
    dashboard: undefined,
    dashboardHosts: [],
    policy: DEFAULT_POLICY,
    model: undefined,
    webhooks: undefined,
  });
  expect(readOf({ ...LEAST, metrics: '[::1]:4413' }).metrics).toEqual({ host: '::1', port: 4413 });
  const policy = { dwellMs: 1, mutes: [{ until: 2, why: 'moving house' }] };
  expect(readOf({ ...LEAST, policy }).policy).toEqual({ ...DEFAULT_POLICY, ...policy });
});

test.each([
  ['{', /JSON/],
  ['[]', /mapping/],
  [{ ...LEAST, socket: 'agent.sock' }, /socket has to be an absolute path/],
  [{ folder: '/a', socket: '/b' }, /repository/],
  [{ ...LEAST, tls: '/keys' }, /tls is not known/],
  [{ ...LEAST, scrapeMs: 10 }, /scrapeMs has to be 1000 to 60000/],
  [{ ...LEAST, dashboard: 4400 }, /dashboard has to be "host:port", for example "127.0.0.1:4400"/],
  [{ ...LEAST, dashboardHosts: 'aegis.example' }, /dashboardHosts has to be a list/],
  [{ ...LEAST, dashboardHosts: ['aegis.example:4400'] }, /without ports/],
  [{ ...LEAST, metrics: 4413 }, /metrics has to be "host:port"/],
  [{ ...LEAST, metrics: '127.0.0.1:0' }, /metrics has to be "host:port"/],
  [{ ...LEAST, policy: { dwell: 1 } }, /policy\.dwell is not known/],
  [{ ...LEAST, policy: { validMs: -1 } }, /policy\.validMs/],
  [{ ...LEAST, policy: { mutes: {} } }, /policy\.mutes has to be a list/],
  ['x'.repeat(70_000), /more than/],
])('%j is refused, and the file is named', (content, message) => {
  expect(() => readOf(content)).toThrow(message);
  expect(() => readOf(content)).toThrow(/agent\.json/);
});

test('a file that is missing is named', () => {
  expect(() => readConfig(join(folder, 'none.json'))).toThrow(/none\.json/);
});
