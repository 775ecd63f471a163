import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('./', import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.js') && !name.endsWith('.test.js') && name !== 'scripts/main.js',
);

test('the core imports nothing from outside its folder', () => {
  expect(files.length).toBeGreaterThan(40);
  for (const name of files) {
    const code = readFileSync(new URL(name, root), 'utf8');
    for (const [, target] of code.matchAll(/\bfrom\s+'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g)) {
      const inside =
        target!.startsWith('.') && new URL(target!, new URL(name, root)).href.startsWith(root.href);
      expect([name, target, inside]).toEqual([name, target, true]);
    }
  }
});

test('the core has neither clock nor chance nor process', () => {
  const outside =
    /\b(Date|performance|process|setTimeout|setInterval|setImmediate|crypto|Buffer|fetch|Math\.random)\b/;
  for (const name of files) {
    const code = readFileSync(new URL(name, root), 'utf8')
      .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      .replace(/(['"`])(?:\\.|(?!\1)[^\\])*\1/g, "''");
    expect([name, outside.exec(code)?.[0]]).toEqual([name, undefined]);
  }
});
