import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../command/program.js';
import { ClusterFolder } from '../supervisor/cluster-folder.js';
import { styleFor } from '../terminal/style.js';
import { TestTerminal } from '../terminal/testing-terminal.js';
import { displayWidth } from '../terminal/width.js';
import { mainMenu } from './choices.js';
import { launch } from './launch.js';
import { BEGIN, menuLines, press, type Choice, type MenuState } from './menu.js';

let parent: string;
let folder: ClusterFolder;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'aegis-'));
  folder = new ClusterFolder(join(parent, 'cluster'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const style = styleFor({ isTTY: false });

test('arrows go round, and keys that mean nothing change nothing', () => {
  const menu = mainMenu(folder);
  const after = (...keys: string[]): MenuState =>
    keys.reduce<MenuState>((state, key) => press(menu, state, key) as MenuState, BEGIN);
  expect(after('down', 'down', 'up').at).toBe(1);
  expect(after('up').at).toBe(menu.choices.length - 1);
  expect(after('up', 'down').at).toBe(0);
  expect(after('end', 'home').at).toBe(0);
  expect(after('x', '0', 'backspace')).toEqual(BEGIN);
  expect(press(menu, BEGIN, 'q')).toBe('back');
  expect(press(menu, BEGIN, '3')).toEqual({ chosen: menu.choices[2] });
});

test('only the whole word wipes', () => {
  const menu = mainMenu(folder);
  const wipe = menu.choices.find(({ label }) => label === 'Wipe')!;
  const typed = (text: string) => {
    let pressed = press(menu, BEGIN, String(menu.choices.indexOf(wipe) + 1));
    for (const key of [...Array.from(text), 'enter']) pressed = press(menu, pressed as MenuState, key);
    return pressed;
  };
  for (const word of ['', 'yes', 'y', 'wip', 'wipe ', 'WIPE', 'q', 'wipee'])
    expect(typed(word)).toMatchObject({ typed: '', wrong: true });
  expect(typed('wipe')).toEqual({ chosen: wipe });
  const begun = press(menu, { ...BEGIN, at: menu.choices.indexOf(wipe) }, 'enter') as MenuState;
  expect(press(menu, begun, 'escape')).toMatchObject({ typed: undefined });
});

test('every choice of every menu is a command line that the command understands', async () => {
  const lines: (readonly string[])[] = [];
  const collect = async ({ run, below }: Choice): Promise<void> => {
    if (run !== undefined) lines.push(run);
    for (const each of (await below?.())?.choices ?? []) await collect(each);
  };
  for (const choice of mainMenu(folder).choices) await collect(choice);
  expect(lines.length).toBeGreaterThan(20);
  for (const line of lines) {
    let ran = false;
    const aegis = program();
    for (const command of [...aegis.commands, ...aegis.commands.flatMap(({ commands }) => commands)])
      command.action(() => void (ran = true));
    await aegis.parseAsync([...line], { from: 'user' });
    expect(`${line.join(' ')}: ${ran}`).toBe(`${line.join(' ')}: true`);
  }
});

test('no line is wider than the terminal, and the choice is in sight where it is low', () => {
  const menu = mainMenu(folder);
  for (const columns of [10, 40, 80]) {
    const lines = menuLines(menu, { ...BEGIN, at: 8, typed: 'wi' }, ['about'], { columns, rows: 8, style });
    expect(lines.length).toBeLessThanOrEqual(8);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines.join('\n')).toContain('> 9  Wi');
  }
});

test('what is chosen is run, one after the other, with the terminal as it was meanwhile', async () => {
  const terminal = new TestTerminal(80, 24);
  const ran: (readonly string[])[] = [];
  const run = (words: readonly string[]): Promise<number> => {
    expect(terminal).toMatchObject({ alternate: false, cursor: true, raw: false });
    ran.push(words);
    return Promise.resolve(ran.length - 1);
  };
  const tty = { input: terminal.keyboard, output: terminal, style };
  const ended = launch({ folder: () => folder, tty, run }, new AbortController().signal);
  const typed = async (...keys: string[]): Promise<void> => {
    for (const key of keys) {
      terminal.type(key);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  expect(terminal.lines.join('\n')).toContain(`no cluster in ${folder.path} yet`);
  await typed('3', 'x', '\x1b[B', '\r', ' ', '8', '\r');
  expect(ran).toEqual([['status'], ['down'], ['bench', 'lock', '--clients', '100', '--connections', '10']]);
  expect(terminal.written.join('')).toContain('it ended with status 1');
  await typed('x', 'q');
  await ended;
  expect(terminal).toMatchObject({ alternate: false, cursor: true, raw: false, listening: 0 });
});

test('what the signal says ends it with the terminal as it was', async () => {
  const terminal = new TestTerminal();
  const controller = new AbortController();
  const tty = { input: terminal.keyboard, output: terminal, style };
  const ended = launch({ folder: () => folder, tty, run: () => Promise.resolve(0) }, controller.signal);
  expect(terminal).toMatchObject({ alternate: true, raw: true });
  controller.abort(new Error('interrupted'));
  await expect(ended).rejects.toThrow('interrupted');
  expect(terminal).toMatchObject({ alternate: false, raw: false });
});
