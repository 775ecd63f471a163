import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Streams } from './streams.js';

test('who does not read is dropped, and the others go on; nobody looks when the last one is gone', async () => {
  const looked: boolean[] = [];
  const streams = new Streams((anybody) => looked.push(anybody));
  const server = createServer((_, response) => streams.add(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ended = new AbortController();
  const reader = await fetch(`http://127.0.0.1:${port}/`, { signal: ended.signal });
  const read = (async () => {
    let bytes = 0;
    for await (const piece of reader.body!) bytes += piece.length;
    return bytes;
  })().catch(() => undefined);
  const lazy = connect(port, '127.0.0.1', () => lazy.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'));
  lazy.on('error', () => undefined);
  lazy.pause();
  const until = async (what: () => boolean): Promise<void> => {
    for (let turn = 0; !what(); turn++) {
      if (turn > 500) throw new Error('it did not come to be');
      await new Promise((done) => setTimeout(done, 10));
    }
  };
  await until(() => streams.size === 2);
  const much = { text: 'x'.repeat(256 * 1024) };
  await until(() => {
    streams.send('live', much);
    return streams.size === 1;
  });
  expect(looked).toEqual([true]);
  ended.abort();
  await read;
  await until(() => looked.length === 2);
  expect(looked).toEqual([true, false]);
  lazy.destroy();
  server.closeAllConnections();
  server.close();
});
