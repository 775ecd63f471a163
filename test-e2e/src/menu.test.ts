import { beforeAll, expect } from '@jest/globals';
import { existsSync } from 'node:fs';

import { AEGIS_PROGRAM } from './harness/programs.js';
import { Terminal } from './harness/terminal.js';
import { TestBed } from './harness/test-bed.js';
import { UpCluster } from './harness/up.js';

const bed = new TestBed();
let cluster: UpCluster;
beforeAll(async () => {
  cluster = await UpCluster.start(bed, 'menu', 1);
}, 90_000);

const menu = (columns = 80): Terminal =>
  new Terminal(bed, [AEGIS_PROGRAM, '--dir', cluster.folder], { columns, rows: 24 });

bed.scenario('while a command runs Ctrl-C is its own; then it ends the menu', 60_000, async () => {
  const terminal = menu();
  await terminal.see(/9 {2}Wipe/, 15_000, 0);
  terminal.type('4');
  await terminal.see(/ROLE/, 15_000);
  terminal.type('\x03');
  await terminal.see(/ended with status 130[^]*any key/, 15_000);
  terminal.type('x');
  await terminal.see(/9 {2}Wipe/, 10_000);
  terminal.type('\x03');
  expect(await terminal.end(10_000)).toEqual({ status: 130, restored: true });
});

bed.scenario('aegis alone: status, stop, start, and a wipe that asks for its word', 120_000, async () => {
  const terminal = menu(40);
  await terminal.see(/9 {2}Wipe/, 15_000, 0);
  terminal.type('3');
  await terminal.see(/leader 1, term \d+ · 1 of 1 healthy/, 15_000);
  terminal.type(' ');
  await terminal.see(/9 {2}Wipe/, 10_000);
  terminal.type('\x1b[B\r');
  await terminal.see(/stopped the supervisor[^]*any key/, 30_000);
  terminal.type(' ');
  await terminal.see(/stopped/, 10_000);
  terminal.type('1');
  await terminal.see(/Five replicas/, 10_000);
  terminal.type('1');
  await terminal.see(/is ready: [^]*any key/, 60_000);
  terminal.type(' ');
  await terminal.see(/9 {2}Wipe/, 10_000);
  terminal.type('9yes\r');
  await terminal.see(/another word/, 10_000);
  expect(existsSync(cluster.folder)).toBe(true);
  terminal.type('wipe\r');
  await terminal.see(/removed [^]*any key/, 30_000);
  expect(existsSync(cluster.folder)).toBe(false);
  terminal.type(' ');
  await terminal.see(/no cluster in/, 10_000);
  terminal.type('q');
  expect(await terminal.end(10_000)).toEqual({ status: 0, restored: true });
});

bed.scenario('without a terminal it is the help, as ever', 15_000, async () => {
  const alone = bed.aegis([]);
  expect(await alone.status(10_000)).toBe(2);
  expect(alone.stderr.join('\n')).toMatch(/^Usage: aegis/);
});
