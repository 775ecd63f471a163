import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { quote, utf8 } from './quote.js';
import { parseDirectiveLine } from './directive.js';
import { runScript } from './run-script.js';

// Tests run as compiled; the stories lie beside the source.
const folder = new URL('../../../src/raft/scripts/', import.meta.url);
const stories = readdirSync(folder).filter((name) => name.endsWith('.txt'));

function run(script: string, logLevel = 'none') {
  return runScript(script, { file: 'x.txt', logLevel });
}

describe('stories', () => {
  test.each(stories)('%s', (name) => {
    const script = readFileSync(new URL(name, folder), 'utf8');
    const { text, mismatches } = runScript(script, { file: name });
    expect(mismatches).toEqual([]);
    expect(text).toBe(script);
  });
});

describe('format', () => {
  test('comments, blank lines, inputs and continued lines stay; outputs are replaced', () => {
    const script = '# prose\n\n\nadd-nodes 1 \\\n  voters=(1)   index=2\n----\nwrong\n\n\n# end\n';
    const { text, mismatches } = run(script);
    expect(text).toBe(script.replace('wrong', 'ok'));
    expect(mismatches).toMatchObject([{ line: 4, expected: 'wrong\n', actual: 'ok\n' }]);
  });

  test('doubled separators hold expected outputs with blank lines', () => {
    const { mismatches, text } = run('raft-state\n----\n----\na\n\nb\n----\n----\n\nraft-state\n----\nok\n');
    expect(mismatches).toMatchObject([{ line: 1, expected: 'a\n\nb\n' }]);
    expect(text).toBe('raft-state\n----\nok\n\nraft-state\n----\nok\n');
  });

  test('a file that ends without a blank line stays so', () => {
    const script = '_breakpoint\n----\nok\n';
    expect(run(script).text).toBe(script);
  });

  test('arguments', () => {
    expect(parseDirectiveLine('do 1 a=b c=(d, e(f,g)) h=')).toEqual({
      command: 'do',
      args: [
        { key: '1', values: [] },
        { key: 'a', values: ['b'] },
        { key: 'c', values: ['d', 'e(f,g)'] },
        { key: 'h', values: [''] },
      ],
    });
  });

  test('quoting follows Go', () => {
    expect(quote(utf8('a"\\\n\t\u0001é€😀\u00ad'))).toBe('"a\\"\\\\\\n\\t\\x01é€😀\\u00ad"');
    expect(quote(Uint8Array.of(0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80))).toBe('"\\xff\\xc3(\\xed\\xa0\\x80"');
  });
});

describe('wrong scripts', () => {
  test.each([
    ['\ndance 1\n----\n', 'x.txt:2: unknown command "dance"'],
    ['campaign 1\n----\n', 'x.txt:1: there is no member 1'],
    ['campaign\n----\n', 'x.txt:1: campaign needs a member'],
    ['campaign one\n----\n', 'x.txt:1: not a number: "one"'],
    ['add-nodes 1 voters=(1) index=1\n----\n', 'index above 1'],
    ['add-nodes 1 colour=red\n----\n', 'does not know the argument "colour"'],
    ['add-nodes 1 prevote=maybe\n----\n', 'neither true nor false'],
    ['add-nodes 1 voters=(1\n----\n', 'not closed'],
    ['add-nodes 1 read-only=lease-based\n----\n', 'lease-based reads need checkQuorum'],
    ['deliver-msgs 1 type=MsgNone\n----\n', 'unknown message type "MsgNone"'],
    ['log-level loud\n----\n', 'unknown log level "loud"'],
    ['add-nodes 1\n', 'the line ---- after the command is missing'],
  ])('%j', (script, message) => {
    expect(() => run(script)).toThrow(message);
  });
});

describe('log level', () => {
  const script = 'add-nodes 1 voters=(1) index=2\n----\n\ncampaign 1\n----\n\nraft-state\n----\n';

  test('of the core hides only its own lines', () => {
    const { text } = run(script, 'none');
    expect(text).toContain('campaign 1\n----\nok\n');
    expect(text).toContain('1: StateCandidate (Voter) Term:1 Lead:0\n');
    expect(run(script, 'info').text).toContain('INFO 1 is candidate in term 1\n');
  });

  test('of the script silences all but errors', () => {
    const { text } = run(`log-level none\n----\n\n${script}\npropose 1 x\n----\n`, 'debug');
    expect(text).toContain('raft-state\n----\nok\n');
    expect(text).toContain('propose 1 x\n----\nraft proposal dropped\n');
  });
});
