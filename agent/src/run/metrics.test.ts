import { afterEach, expect, test } from '@jest/globals';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { PagesServer } from '@aegis/replica/pages';
import type { Scrape } from '../telemetry/index.js';
import { AgentMetrics } from './metrics.js';
import type { Phase } from './records.js';
import { serveMetrics } from './telemetry-port.js';

const ends: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function freePort(): Promise<number> {
  const server = await occupied();
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function occupied(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function served(metrics: AgentMetrics): Promise<(path: string) => Promise<Response>> {
  const port = await freePort();
  const said: string[] = [];
  const page = (await serveMetrics(metrics, { host: '127.0.0.1', port }, (line) =>
    said.push(line),
  )) as PagesServer;
  ends.push(() => page.stop());
  expect(said).toEqual([]);
  return (path) => fetch(`http://127.0.0.1:${port}${path}`);
}

const NO_READING: Scrape = { atMs: 0, replica: 'a', reading: undefined, missing: 'timeout' };
const ANSWERED: Scrape = {
  atMs: 0,
  replica: 'b',
  reading: { values: {}, links: {}, unreadable: 0 },
};

test('the page tells of rounds, of the open incident and of recommendations, with each label from the beginning', async () => {
  let phases: readonly Phase[] = [];
  const metrics = new AgentMetrics(() => phases);
  const ask = await served(metrics);
  const page = async (): Promise<string> => (await ask('/metrics')).text();
  const before = await page();
  expect(before).toContain('aegis_agent_incident_open{class="Overload"} 0');
  expect(before).toContain('aegis_agent_recommendations{phase="Expired"} 0');
  expect(before).toContain('aegis_agent_last_round_timestamp_seconds 0');
  expect((await ask('/readyz')).status).toBe(503);
  const open = { id: 'i-1', classes: ['DiskStall'], onset: 1, openedAt: 1, lastSeen: 1 } as const;
  metrics.round([NO_READING, ANSWERED, ANSWERED], 5_000, open, true);
  metrics.round([ANSWERED], 6_000, open, false);
  metrics.dutyFailed('working');
  phases = ['Applied', 'Applied', 'Held'];
  const after = await page();
  for (const line of [
    'aegis_agent_scrapes_total{result="answered"} 3',
    'aegis_agent_scrapes_total{result="missing"} 1',
    'aegis_agent_last_round_timestamp_seconds 6',
    'aegis_agent_incident_open{class="DiskStall"} 1',
    'aegis_agent_incident_open{class="Overload"} 0',
    'aegis_agent_incidents_total 1',
    'aegis_agent_duty_failures_total{duty="working"} 1',
    'aegis_agent_duty_failures_total{duty="following"} 0',
    'aegis_agent_recommendations{phase="Applied"} 2',
    'aegis_agent_recommendations{phase="Expired"} 0',
  ])
    expect(after).toContain(`${line}\n`);
  metrics.round([ANSWERED], 7_000, undefined, false);
  expect(await page()).toContain('aegis_agent_incident_open{class="DiskStall"} 0');
  expect((await ask('/readyz')).status).toBe(200);
});

test('a port in use is named, and no reason to end', async () => {
  const squatter = await occupied();
  ends.push(() => void squatter.close());
  const { port } = squatter.address() as AddressInfo;
  const said: string[] = [];
  const page = await serveMetrics(new AgentMetrics(() => []), { host: '127.0.0.1', port }, (line) =>
    said.push(line),
  );
  expect(page).toBeUndefined();
  expect(said).toEqual([
    expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port} cannot be opened.*EADDRINUSE`)),
  ]);
});
