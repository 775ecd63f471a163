import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { layOutSecrets, readSecrets } from './agent-secrets.js';

let folder: string;
let to: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-secrets-'));
  to = join(folder, 'agent-secrets');
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('what the agent is given', () => {
  test('is copied with the secrets that it names, for the agent alone', () => {
    file('key', 'sk-1\n');
    const model = file('model.yaml', 'model: some\napiKeyFile: key # beside it\n');
    const url = file('ops.url', 'https://hooks.example/1');
    const webhooks = file('webhooks.yaml', `webhooks:\n  - { name: ops, urlFile: ${url}, tokenFile: key }\n`);
    const secrets = readSecrets({ model, webhooks }, to);
    layOutSecrets(secrets, undefined);
    const read = (path: string): string => readFileSync(path, 'utf8');
    const settings = parse(read(secrets.files.model!)) as { model: string; apiKeyFile: string };
    expect(settings.model).toBe('some');
    expect(read(settings.apiKeyFile)).toBe('sk-1\n');
    const [hook] = (parse(read(secrets.files.webhooks!)) as { webhooks: Record<string, string>[] }).webhooks;
    expect(read(hook!['urlFile']!)).toBe('https://hooks.example/1');
    expect(read(hook!['tokenFile']!)).toBe('sk-1\n');
    for (const path of secrets.contents.keys()) {
      expect(path.startsWith(`${to}/`)).toBe(true);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(statSync(to).mode & 0o777).toBe(0o700);
  });

  test('is gone when it is not given any more', () => {
    const model = file('model.yaml', 'model: some\n');
    layOutSecrets(readSecrets({ model }, to), undefined);
    layOutSecrets(readSecrets({}, to), undefined);
    expect(statSync(to, { throwIfNoEntry: false })).toBeUndefined();
  });

  test.each([
    ['a file that is not there', undefined, /model\.yaml: .*cannot be read: ENOENT/],
    ['no YAML', 'a: [', /model\.yaml: /],
    ['no mapping', 'just words', /model\.yaml: is no mapping/],
    [
      'a secret that is not there',
      'apiKeyFile: nowhere',
      /model\.yaml: apiKeyFile: .*nowhere cannot be read/,
    ],
    ['a secret that is no path', 'apiKeyFile: [1]', /apiKeyFile has to be the path of a file/],
    ['one that is too large', `a: ${'x'.repeat(70_000)}`, /more than 65536 characters/],
  ])('is refused by name: %s', (_, content, message) => {
    const model = join(folder, 'model.yaml');
    if (content !== undefined) file('model.yaml', content);
    expect(() => readSecrets({ model }, to)).toThrow(message);
  });
});
