import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandTable } from '../manual/table.js';
import { program } from '../program.js';
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { completionNodes, type CompletionNode } from './nodes.js';
import { zshCompletion } from './zsh.js';

/** What was typed, the last word unfinished, and what a shell must offer for it: all of it, or some of it and nothing else of a kind. */
const CASES: readonly (readonly [typed: string[], offers: string[]])[] = [
  [['sta'], ['status', 'state-version']],
  [
    ['kv', ''],
    ['compact', 'del', 'get', 'put', 'txn'],
  ],
  [['--dir', '/tmp', 'kv', 'g'], ['get']],
  [['--json', 'alarms', 'cl'], ['clear']],
  [['bench', 'mix', '--re'], ['--reads']],
  [['kv', 'get', 'a', '--sort-by', 'c'], ['create']],
  [
    ['up', '--profile', ''],
    ['all', 'kv', 'locks'],
  ],
  [
    ['completion', ''],
    ['bash', 'fish', 'zsh'],
  ],
  [['chaos', 'run', 'starved-l'], ['starved-leader']],
  [['backup', 'v'], ['verify']],
  // What is an argument already is no command any more, and neither is a value.
  [['backup', 'file', 'into', '--na'], []],
  [['members', 'promote', '7', '--wait', 'l'], []],
];

let nodes: readonly CompletionNode[];
let folder: string;
beforeAll(async () => {
  nodes = await completionNodes(commandTable(program()));
  folder = mkdtempSync(join(tmpdir(), 'aegis-completion-'));
  mkdirSync(join(folder, 'my folder'));
  writeFileSync(join(folder, 'my trace.yaml'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

function installed(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0;
}

describe('bash', () => {
  /** As bash itself calls the function, many times in one process. */
  function completed(lines: readonly (readonly string[])[]): string[][] {
    const script = [
      bashCompletion(nodes),
      'show() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _aegis; printf "%s\\n" "${COMPREPLY[@]}" | sort; echo ==; }',
      ...lines.map((words) => `show aegis ${words.map((word) => `'${word}'`).join(' ')}`),
    ].join('\n');
    const said = execFileSync('bash', ['--norc', '-c', script], { cwd: folder, encoding: 'utf8' });
    return said
      .split('==\n')
      .slice(0, -1)
      .map((each) => each.split('\n').filter((word) => word !== ''));
  }

  test('offers what may stand there', () => {
    const offered = completed(CASES.map(([typed]) => typed));
    expect(offered).toEqual(CASES.map(([, offers]) => offers.toSorted()));
  });

  test('offers files, folders and programs where they may stand, in one piece', () => {
    const [file, folders, joined, program] = completed([
      ['chaos', 'check', 'my'],
      ['--dir', 'my'],
      ['up', '--dir', '=', 'my'],
      ['lock', 'demo', '--', 'bas'],
    ]);
    expect(file).toEqual(['my folder', 'my trace.yaml']);
    expect(folders).toEqual(['my folder']);
    expect(joined).toEqual(['my folder']);
    expect(program).toContain('bash');
  });

  test('every command and every option of the table is offered', () => {
    const wanted = nodes.flatMap(({ name, commands, options }) => {
      const before = name.split(' ').slice(1);
      return [
        ...commands.map((each) => [...before, each.name]),
        ...options.flatMap(({ flags }) => flags.map((flag) => [...before, flag])),
      ];
    });
    const missing = completed(wanted).map((offered, at) => offered.includes(wanted[at]!.at(-1)!));
    expect(wanted.filter((_, at) => missing[at] !== true)).toEqual([]);
  });
});

(installed('fish') ? test : test.skip)('fish offers what may stand there', () => {
  const script = fishCompletion(nodes);
  const asked = CASES.map(([typed]) => `complete -C 'aegis ${typed.join(' ')}'; echo ==`);
  const said = execFileSync('fish', ['--no-config', '-c', [script, ...asked].join('\n')], {
    cwd: folder,
    encoding: 'utf8',
  });
  const offered = said
    .split('==\n')
    .slice(0, -1)
    .map((each) =>
      each
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('\t')[0]!)
        .sort(),
    );
  expect(offered).toEqual(CASES.map(([, offers]) => offers.toSorted()));
});

(installed('zsh') ? test : test.skip)('zsh reads its script', () => {
  expect(spawnSync('zsh', ['-n'], { input: zshCompletion(nodes), encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});
