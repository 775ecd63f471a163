import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Verifier, type VerifierOptions } from './verifier.js';

/** Real processes: a busy machine may take its time. */
jest.setTimeout(120_000);

let folder: string;
let verifiers: Verifier[];
let clockMs: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-verifier-'));
  verifiers = [];
  clockMs = 0;
});
afterEach(async () => {
  for (const verifier of verifiers) await verifier.stop();
  rmSync(folder, { recursive: true });
});

/** A program that counts its runs, and then does what it is told with `input` and `output`. */
function verifier(what: string, more: Partial<VerifierOptions> = {}): Verifier {
  const program = join(folder, 'program.mjs');
  const lines = [
    `import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';`,
    `const [, , , input, , output] = process.argv;`,
    `appendFileSync(${JSON.stringify(join(folder, 'runs'))}, 'x');`,
    what,
  ];
  writeFileSync(program, lines.join('\n'));
  const made = new Verifier({ folder: join(folder, 'v'), program, clock: () => clockMs, ...more });
  verifiers.push(made);
  return made;
}

const ANSWER = `writeFileSync(output, JSON.stringify({ result: 'Improves', saw: JSON.parse(readFileSync(input)) }));`;
const runs = () => readFileSync(join(folder, 'runs'), 'utf8').length;
const input = (n = 1) => ({ incident: 'i-1', question: JSON.stringify({ n }) });

async function answer(one: Verifier, n = 1) {
  for (;;) {
    const said = await one.verify(input(n));
    if (said.state === 'done') return said.result;
    await sleep(20);
  }
}

describe('a verification', () => {
  test('is run once, and its answer kept, also over a restart', async () => {
    const one = verifier(ANSWER);
    expect(await answer(one)).toEqual({ result: 'Improves', saw: { n: 1 } });
    expect(await answer(one)).toEqual({ result: 'Improves', saw: { n: 1 } });
    expect(await answer(verifier(ANSWER))).toMatchObject({ result: 'Improves' });
    expect(runs()).toBe(1);
  });

  test('without a program it says so, and pretends nothing', async () => {
    expect(await answer(verifier(ANSWER, { program: undefined }))).toEqual({
      result: 'NotVerified',
      why: 'no verifier here',
    });
  });

  test.each([
    ['fails', `console.error('no such class'); process.exit(2);`, /status 2: no such class/],
    ['is killed', `process.kill(process.pid, 'SIGKILL');`, /SIGKILL/],
    ['writes nothing', '', /left no answer/],
    ['writes no JSON', `writeFileSync(output, 'Improves');`, /left no answer/],
    ['writes too much', `writeFileSync(output, JSON.stringify({ x: 'x'.repeat(99999) }));`, /bytes/],
  ])('that %s verifies nothing, and says why', async (_, what, why) => {
    const said = await answer(verifier(what));
    expect(said).toMatchObject({ result: 'NotVerified', why: expect.stringMatching(why) });
  });

  test('that does not end is ended', async () => {
    const one = verifier('setInterval(() => {}, 1000);', { deadlineMs: 300 });
    expect(await answer(one)).toMatchObject({ why: expect.stringContaining('more than 0.3 s') });
  });

  test('waits for the one before it, and for the hour to be over after six', async () => {
    const one = verifier(ANSWER);
    for (let n = 1; n <= 6; n++) await answer(one, n);
    expect(await one.verify(input(7))).toEqual({ state: 'running' });
    await sleep(50);
    expect(runs()).toBe(6);
    clockMs = 3_600_001;
    await answer(one, 8).catch(() => undefined);
    expect(await answer(one, 7)).toMatchObject({ saw: { n: 7 } });
  });

  test('more than eight that wait are refused', async () => {
    const one = verifier('setInterval(() => {}, 1000);');
    for (let n = 1; n <= 9; n++) await one.verify(input(n));
    await expect(one.verify(input(10))).rejects.toMatchObject({ code: 'TooMany' });
  });
});
