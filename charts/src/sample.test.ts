import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

test('the README shows the sample as it is in docs/examples', () => {
  const sample = readFileSync(join(ROOT, 'docs/examples/cluster.yaml'), 'utf8');
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`\`\`\`yaml\n${sample}\`\`\`\n`);
});
