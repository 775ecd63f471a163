import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Progress } from './progress.js';

let written: string[];
const paper = (isTTY: boolean, columns = 60) => ({
  isTTY,
  columns,
  write: (text: string) => written.push(text),
});

beforeEach(() => {
  jest.useFakeTimers();
  written = [];
});
afterEach(() => {
  jest.useRealTimers();
});

test('what is over soon is not spoken of', () => {
  for (const isTTY of [true, false]) {
    const progress = new Progress('saving', undefined, paper(isTTY));
    jest.advanceTimersByTime(400);
    progress.end();
    jest.advanceTimersByTime(60_000);
  }
  expect(written).toEqual([]);
});

test('on a terminal: one line that is kept up to date, is cut to its width, and is gone in the end', () => {
  const progress = new Progress('running leader-killed', 10_000, paper(true, 40));
  jest.advanceTimersByTime(5_050);
  const last = written.at(-1)!;
  expect(last.slice('\r\x1b[K'.length)).toMatch(/^[|/\\-] running leader-killed \[#{10}\.{3}…$/);
  expect(last.startsWith('\r\x1b[K')).toBe(true);
  expect(written.every((text) => !text.includes('\n'))).toBe(true);
  progress.line('  1.0 s  inject kill\x1b[2J');
  expect(written.slice(-2)).toEqual(['\r\x1b[K', '  1.0 s  inject kill\\x1b[2J\n']);
  jest.advanceTimersByTime(200);
  progress.end();
  expect(written.at(-1)).toBe('\r\x1b[K');
});

test('elsewhere: a line after two seconds, and one every ten', () => {
  const progress = new Progress('saving file', undefined, paper(false));
  progress.update({ detail: '3.0 MiB, 1.5 MiB/s' });
  jest.advanceTimersByTime(2_100);
  expect(written).toEqual(['saving file: 2 s, 3.0 MiB, 1.5 MiB/s\n']);
  progress.update({ share: 0.5 });
  jest.advanceTimersByTime(20_000);
  expect(written).toHaveLength(3);
  expect(written[1]).toBe('saving file: 50 %, 12 s, 3.0 MiB, 1.5 MiB/s\n');
  for (const steering of ['\r', '\x1b']) expect(written.join('')).not.toContain(steering);
  progress.end();
});

test('a dumb terminal gets lines', () => {
  const term = process.env['TERM'];
  process.env['TERM'] = 'dumb';
  try {
    const progress = new Progress('hashing', 4_000, paper(true));
    progress.phase('waiting', 60_000);
    jest.advanceTimersByTime(2_100);
    progress.end();
  } finally {
    if (term === undefined) delete process.env['TERM'];
    else process.env['TERM'] = term;
  }
  expect(written).toEqual(['waiting: 3 %, 2 s\n']);
});

test('a terminal that does not know its size is taken for one of 80 columns', () => {
  const progress = new Progress('saving file', 4_000, paper(true, 0));
  jest.advanceTimersByTime(1_050);
  progress.end();
  expect(written.at(-2)).toMatch(/saving file \[#####\.{15}\] 2\d %, 1 s$/);
});
