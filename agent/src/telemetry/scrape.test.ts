import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scrape } from './recording.js';
import { scrapeEvery } from './scrape.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function page(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

test('who is slow, silent, or answers something else is missing, and holds up nobody', async () => {
  let asked = 0;
  const pages = {
    sound: await page((_, answer) => answer.end(`aegis_is_leader ${++asked}\n`)),
    slow: await page(() => {}),
    gone: 'http://127.0.0.1:9/metrics',
    other: await page((_, answer) => answer.end('<html>')),
    failing: await page((_, answer) => answer.writeHead(500).end()),
    huge: await page((_, answer) => {
      answer.on('error', () => {});
      for (let piece = 0; piece < 40; piece++) answer.write('x'.repeat(64 * 1024));
      answer.end();
    }),
    cut: await page((_, answer) => {
      answer.writeHead(200, { 'content-length': '1000' });
      answer.write('aegis_is_leader 1\naegis_raft', () => answer.destroy());
    }),
  };
  const scrapes: Scrape[] = [];
  const stop = new AbortController();
  const running = scrapeEvery(pages, {
    everyMs: 300,
    signal: stop.signal,
    onScrape: (scrape) => {
      scrapes.push(scrape);
      if (scrapes.length === 14) stop.abort();
    },
  });
  await running;
  const first = Object.fromEntries(
    scrapes.slice(0, 7).map(({ replica, missing, reading }) => [replica, missing ?? reading?.values]),
  );
  expect(first).toEqual({
    sound: { aegis_is_leader: 1 },
    slow: 'timeout',
    gone: 'no answer',
    other: 'no metrics of a replica are on the page',
    failing: 'status 500',
    huge: 'more than 1048576 bytes',
    cut: 'no answer',
  });
  expect(scrapes[7]!.atMs).toBeGreaterThanOrEqual(300);
  expect(scrapes.map(({ atMs }) => atMs)).toEqual([...scrapes.map(({ atMs }) => atMs)].sort((a, b) => a - b));
});
