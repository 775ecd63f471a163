import { expect, test } from '@jest/globals';
import { windowOf } from '../telemetry/index.js';
import { named, scripted } from '../testing/cluster.js';
import { classify } from './classify.js';
import { explain } from './explain.js';

const said = (script: Parameters<typeof scripted>[0]): string[] =>
  explain(classify(windowOf(scripted(script))));

test('a class with the value that it rests on, beside its bound', () => {
  const lines = said({ replica: (second, at) => ({ diskFull: at === 3 && second > 20 && second <= 40 }) });
  expect(lines.slice(0, 2)).toEqual([
    'DiskStall since 21.0 s',
    `  replica ${named(3)}: the disk has no room, 21.0 s to 40.0 s (diskFull 1 against 1 flag)`,
  ]);
});

test('nothing wrong, and nothing to be said, are not the same', () => {
  expect(said({})[0]).toBe('nothing is wrong');
  const short = said({ seconds: 5 });
  expect(short[0]).toBe('nothing can be said');
  expect(short).toContainEqual(expect.stringMatching(/^of ElectionStorm, .* nothing can be said$/));
  expect(short).toContainEqual(
    expect.stringMatching(/^not seen: the window has 6 rounds of scrapes over 5 s/),
  );
});
