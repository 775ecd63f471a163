import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_POLICY } from '../propose/index.js';
import { ConfigError } from '../run/config-file.js';
import { isForKubernetes, readKubernetesConfig } from './config.js';

const folder = mkdtempSync(join(tmpdir(), 'aegis-kubernetes-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'agent.json');
const LEAST = { kubernetes: {}, folder: '/var/lib/aegis-agent' };
const FORGE = { apiUrl: 'https://api.github.com', tokenFile: '/etc/aegis/forge/token' };

function readOf(content: object | string) {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readKubernetesConfig(path);
}

test('what is not said has its defaults', () => {
  expect(readOf(LEAST)).toEqual({
    ...LEAST,
    ...{ scrapeMs: 5_000, dashboardHosts: [], policy: DEFAULT_POLICY },
  });
  const lease = { namespace: 'system', name: 'aegis-agent' };
  const app = { login: 'aegis[bot]', id: '12', installationId: 7, keyFile: '/etc/aegis/forge/key' };
  const all = {
    kubernetes: { namespaces: ['shop'], lease },
    ...{ folder: '/a', scrapeMs: 1_000, metrics: { host: '0.0.0.0', port: 8080 } },
    ...{ dashboard: { host: '0.0.0.0', port: 4400 }, dashboardHosts: ['aegis.example'] },
    ...{ model: '/etc/model.yaml', webhooks: '/etc/webhooks.yaml' },
    forge: { apiUrl: FORGE.apiUrl, repositories: ['acme/infra'], app },
  };
  expect(readOf({ ...all, policy: { dwellMs: 1 } })).toEqual({
    ...all,
    policy: { ...DEFAULT_POLICY, dwellMs: 1 },
  });
});

test.each([
  ['{', /JSON/],
  ['[]', /the file/],
  [{ folder: '/a' }, /kubernetes/],
  [{ ...LEAST, folder: 'a' }, /folder: an absolute path is wanted/],
  [{ ...LEAST, socket: '/a.sock' }, /socket/],
  [{ ...LEAST, kubernetes: { namespaces: [] } }, /kubernetes.namespaces/],
  [{ ...LEAST, kubernetes: { namespaces: ['Shop'] } }, /a name of Kubernetes/],
  [{ ...LEAST, scrapeMs: 10 }, /scrapeMs/],
  [
    { ...LEAST, dashboardHosts: ['aegis.example:4400'] },
    /dashboardHosts.0: the name of a host is wanted, without a port/,
  ],
  [{ ...LEAST, forge: { apiUrl: 'https://api.github.com' } }, /either tokenFile or app/],
  [{ ...LEAST, forge: { ...FORGE, apiUrl: 'ftp://x' } }, /forge.apiUrl/],
  [{ ...LEAST, forge: { ...FORGE, repositories: ['acme'] } }, /owner\/name is wanted/],
  [{ ...LEAST, policy: { dwell: 1 } }, /dwell/],
])('%j is refused, and says why', (content, why) => {
  expect(() => readOf(content)).toThrow(ConfigError);
  expect(() => readOf(content)).toThrow(why);
});

test('which of both configurations it is, is said by one field', () => {
  readOf(LEAST);
  expect(isForKubernetes(path)).toBe(true);
  writeFileSync(path, '{"socket":"/a"}');
  expect(isForKubernetes(path)).toBe(false);
  expect(isForKubernetes(join(folder, 'nowhere'))).toBe(false);
});
