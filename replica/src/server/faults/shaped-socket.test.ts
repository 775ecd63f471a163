import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';

import { type LinkFault, SOUND_LINK } from './faults.js';
import { ShapedSocket } from './shaped-socket.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Wire {
  readonly near: Socket;
  fault: LinkFault;
  readonly arrived: () => string;
}

async function wire(traffic: 'frames' | 'snapshot'): Promise<Wire> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = await accepted;
  closing.push(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  let text = '';
  far.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  const made: Wire = { near, fault: SOUND_LINK, arrived: () => text };
  ShapedSocket.shape(near, traffic, () => made.fault);
  near.write(Buffer.from('hello '));
  return made;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function untilArrived(wire: Wire, text: string): Promise<number> {
  const began = performance.now();
  while (wire.arrived() !== text) {
    if (performance.now() - began > 5000) throw new Error(`only "${wire.arrived()}" arrived`);
    await pause(2);
  }
  return performance.now() - began;
}

test('a sound link passes everything on', async () => {
  const link = await wire('frames');
  link.near.write(Buffer.from('a'));
  await untilArrived(link, 'hello a');
});

test('a cut loses frames, and only those', async () => {
  const link = await wire('frames');
  link.fault = { ...SOUND_LINK, cut: true };
  link.near.write(Buffer.from('lost'));
  await pause(40);
  link.fault = SOUND_LINK;
  link.near.write(Buffer.from('a'));
  await untilArrived(link, 'hello a');
});

test('a cut that comes while frames are on their way loses these too', async () => {
  const link = await wire('frames');
  link.fault = { ...SOUND_LINK, delayMs: 40 };
  link.near.write(Buffer.from('lost'));
  link.fault = { ...SOUND_LINK, cut: true };
  await pause(120);
  link.fault = SOUND_LINK;
  link.near.write(Buffer.from('a'));
  await untilArrived(link, 'hello a');
});

test('a cut holds a snapshot back and loses nothing of it', async () => {
  const link = await wire('snapshot');
  await untilArrived(link, 'hello ');
  link.fault = { ...SOUND_LINK, cut: true, lossPercent: 50 };
  for (const piece of 'abc') link.near.write(Buffer.from(piece));
  await pause(60);
  expect(link.arrived()).toBe('hello ');
  link.fault = SOUND_LINK;
  await untilArrived(link, 'hello abc');
});

test('delay is paid once, in order, though jitter differs from frame to frame', async () => {
  const link = await wire('frames');
  link.fault = { ...SOUND_LINK, delayMs: 60, jitterMs: 40 };
  for (const piece of 'abcdefghij') link.near.write(Buffer.from(piece));
  link.fault = SOUND_LINK;
  // Healthy again, and still behind the others.
  link.near.write(Buffer.from('k'));
  expect(await untilArrived(link, 'hello abcdefghijk')).toBeGreaterThan(50);
});

test('bandwidth: so many bytes take so long', async () => {
  const link = await wire('frames');
  link.fault = { ...SOUND_LINK, bytesPerSecond: 10_000 };
  link.near.write(Buffer.alloc(1000, 'a'));
  link.near.write(Buffer.alloc(1000, 'b'));
  const took = await untilArrived(link, `hello ${'a'.repeat(1000)}${'b'.repeat(1000)}`);
  expect(took).toBeGreaterThan(180);
});

test('loss takes about the share that it says', async () => {
  const link = await wire('frames');
  link.fault = { ...SOUND_LINK, lossPercent: 30 };
  for (let frame = 0; frame < 1000; frame++) link.near.write(Buffer.from('x'));
  await pause(100);
  const arrived = link.arrived().length - 'hello '.length;
  expect(arrived).toBeGreaterThan(600);
  expect(arrived).toBeLessThan(800);
});
