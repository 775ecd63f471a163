import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askAll } from './agreement.js';
import { drawSettings } from './drawn.js';
import { localLayers } from './layers.js';
import { UNSAFE } from './unsafe.js';

const folder = mkdtempSync(join(tmpdir(), 'aegis-envelope-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LAYERS = localLayers(join(folder, 'settings.yaml'));

test('replica, operator and agent agree (make crds asks them, and the API server, about 10,000)', async () => {
  const { refused, disagreements } = await askAll(drawSettings(2_000), LAYERS);
  expect(disagreements).toEqual([]);
  expect(refused).toBeGreaterThan(400);
  expect(refused).toBeLessThan(1_600);
}, 120_000);

describe.each(Object.entries(LAYERS))('%s refuses, by itself and by the right rule,', (_, layer) => {
  test.each(UNSAFE)('%s: %j', async (rule, asked) => {
    expect(await layer(asked)).toContain(rule);
  });
});

test('there are enough of them', () => {
  expect(UNSAFE.length).toBeGreaterThanOrEqual(25);
});
