import { expect, test } from '@jest/globals';
import { table } from './render.js';

test('a row stays one row, whatever is in its cells, and columns stand by what they take on the screen', () => {
  const rows = [
    ['漢字', 7],
    ['\x1b[2J\n\u202e', 70],
  ];
  expect(table(['NAME', 'N'], rows).split('\n')).toEqual([
    `NAME${' '.repeat(16)}N`,
    `漢字${' '.repeat(16)}7`,
    '\\x1b[2J\\n\\u{202e}  70',
  ]);
});

test('a dash is to the right among numbers, and beneath the head of a column without any', () => {
  const rows = [
    [7, '-'],
    ['-', '-'],
  ];
  expect(table(['COUNT', 'PROPOSAL'], rows).split('\n')).toEqual(['COUNT  PROPOSAL', '    7  -', '    -  -']);
});
