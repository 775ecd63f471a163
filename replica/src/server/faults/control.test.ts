import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { Logger } from '../logger.js';
import { controlPath, FaultControl } from './control.js';
import { Faults } from './faults.js';

let folder: string;
let faults: Faults;
let control: FaultControl;
const sockets: Socket[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aegis-control-'));
  faults = new Faults();
  // A stale one of an earlier life.
  writeFileSync(controlPath(folder), '');
  control = await FaultControl.listen(faults, controlPath(folder), new Logger('error'));
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  control.close();
  rmSync(folder, { recursive: true });
});

async function ask(text: string, count = 1): Promise<Record<string, unknown>[]> {
  const socket = connect(controlPath(folder));
  sockets.push(socket);
  socket.write(text);
  const answers: Record<string, unknown>[] = [];
  for await (const line of createInterface({ input: socket })) {
    answers.push(JSON.parse(line) as Record<string, unknown>);
    if (answers.length === count) break;
  }
  return answers;
}

test('orders are obeyed in order, and each answer says how things stand', async () => {
  const answers = await ask(
    '{"fault":"link","to":2,"cut":true}\n{"fault":"jump","ms":50}\n{"fault":"jump","ms":-20}\n{"fault":"none"}\n',
    4,
  );
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  expect(answers[0]).toMatchObject({ faults: { links: { 2: { cut: true, delayMs: 0 } } } });
  expect(answers[2]).toMatchObject({ faults: { clock: { offsetMs: 30 } } });
  expect(answers[3]).toMatchObject({ faults: { links: {}, clock: { offsetMs: 0 } } });
  expect(faults.link(2).cut).toBe(false);
});

test('a wrong order changes nothing, is told why, and the next one counts', async () => {
  const [wrong, right] = await ask('{"fault":"fsync","slowMs":-1}\n{"fault":"fsync","slowMs":5}\n', 2);
  expect(wrong).toEqual({ ok: false, error: 'slowMs: -1 is not a number from 0 to 60000' });
  expect(right).toMatchObject({ ok: true, faults: { fsync: { slowMs: 5 } } });
});

test('a line without end is refused before it fills the memory', async () => {
  const [answer] = await ask('x'.repeat(10_000));
  expect(answer).toEqual({ ok: false, error: 'a line has more than 4096 bytes' });
});

test('a stall holds the event loop for so long', async () => {
  const began = performance.now();
  await ask('{"fault":"stall","ms":120}\n');
  expect(performance.now() - began).toBeGreaterThanOrEqual(119);
});

test('the socket is for its owner alone, and gone afterwards', () => {
  expect(statSync(controlPath(folder)).mode & 0o777).toBe(0o600);
  control.close();
  expect(existsSync(controlPath(folder))).toBe(false);
});

test('a path that no socket can have is refused before anything starts', () => {
  expect(() => controlPath(`/tmp/${'long/'.repeat(30)}`)).toThrow(/at most 103 work/);
});
