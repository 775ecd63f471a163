import { expect, test } from '@jest/globals';
import { keysOf, Keyboard, type Key } from './keys.js';
import { fitted } from './line.js';
import { Screen } from './screen.js';
import { styleFor } from './style.js';
import { TestTerminal } from './testing-terminal.js';
import { displayWidth } from './width.js';

test('only what has changed is written, and the terminal is as it was in the end', () => {
  const terminal = new TestTerminal(20, 3);
  const screen = new Screen(terminal);
  screen.open();
  screen.paint(['one', 'two', 'three', 'beneath the end']);
  expect(terminal.lines).toEqual(['one', 'two', 'three']);
  const before = terminal.written.length;
  screen.paint(['one', 'two', 'three']);
  expect(terminal.written).toHaveLength(before);
  screen.paint(['one', '2']);
  expect(terminal.lines).toEqual(['one', '2', '']);
  expect(terminal.written.at(-1)).not.toContain('one');
  expect(terminal).toMatchObject({ alternate: true, cursor: false });
  screen.close();
  screen.close();
  expect(terminal).toMatchObject({ alternate: false, cursor: true, listening: 0 });
  screen.paint(['too late']);
  expect(terminal.lines).not.toContain('too late');
});

test('another size: all is painted anew', () => {
  const terminal = new TestTerminal(20, 3);
  const screen: Screen = new Screen(terminal, () => screen.paint([`${screen.columns} columns`]));
  screen.open();
  screen.paint(['20 columns', 'two']);
  terminal.resize(40, 3);
  expect(terminal.lines).toEqual(['40 columns', '', '']);
  screen.close();
});

test('keys by their names; what steers is no key', () => {
  expect(keysOf('\x1b[A\x1b[B\x1bOA\r\x7fq7')).toEqual(['up', 'down', 'up', 'enter', 'backspace', 'q', '7']);
  expect(keysOf('\x1b')).toEqual(['escape']);
  expect(keysOf('\x03\x04')).toEqual(['ctrl-c', 'ctrl-d']);
  expect(keysOf('\x1b[15~\x1b[1;5C\x00ü')).toEqual(['ü']);
});

test('a keyboard reads raw while it is open, and nothing where there is no terminal', () => {
  const terminal = new TestTerminal();
  const keys: Key[] = [];
  const keyboard = new Keyboard(terminal.keyboard, (key) => keys.push(key));
  keyboard.open();
  expect(terminal.raw).toBe(true);
  terminal.type('a\x1b[A');
  keyboard.close();
  terminal.type('b');
  expect(keys).toEqual(['a', 'up']);
  expect(terminal.raw).toBe(false);
  terminal.keyboard.isTTY = false;
  keyboard.open();
  expect(terminal.raw).toBe(false);
});

test('a line is no wider than it may be, whatever is in it', () => {
  const style = styleFor({ isTTY: true }, {});
  for (let columns = 0; columns < 20; columns++) {
    const line = fitted(['ab', ['\x1b[2J漢字', 'red'], '\u202ename'], columns, style);
    const text = line.replaceAll('\x1b[31m', '').replaceAll('\x1b[39m', '');
    expect(text).not.toContain('\x1b');
    expect(displayWidth(text)).toBeLessThanOrEqual(columns);
  }
  expect(fitted(['a', ['b', 'red']], 9, styleFor({ isTTY: false }))).toBe('ab');
});
