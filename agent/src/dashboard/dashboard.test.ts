import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { get } from 'node:http';
import { gzipSync } from 'node:zlib';
import { ONSET } from '../forge/testing/pages.js';
import { readAssets } from './http/assets.js';
import { STREAMS_MAX } from './http/streams.js';
import type { Holdings, IncidentDetail, Incidents, Live } from './page/wire.js';
import { FakeAgent } from './testing/fake-agent.js';
import { PAIRS } from './testing/fake-incident.js';

/** Five servers and a page: a busy machine may take its time. */
jest.setTimeout(60_000);

const PAGE_BYTES_MAX = 150_000;

let agent: FakeAgent;
let streams: AbortController;
beforeEach(async () => {
  agent = await FakeAgent.start();
  streams = new AbortController();
});
afterEach(async () => {
  streams.abort();
  await agent.stop();
});

/** A request as it is written down here, which `fetch` does not allow. */
function asked(path: string, options: { method?: string; host?: string } = {}) {
  const { method = 'GET', host } = options;
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const headers = host === undefined ? {} : { host };
      const url = new URL(agent.url);
      const request = get(
        { hostname: url.hostname, port: url.port, path, method, headers, agent: false },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (piece: string) => (text += piece));
          answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }));
        },
      );
      request.on('error', reject);
      request.end();
    },
  );
}

async function told<T>(path: string): Promise<T> {
  const { status, text } = await asked(path);
  expect({ status, text }).toMatchObject({ status: 200 });
  return JSON.parse(text) as T;
}

/** Reads a stream until an event satisfies. */
async function event<T>(name: string, when: (content: T) => boolean = () => true): Promise<T> {
  const answer = await fetch(`${agent.url}/api/live`, { signal: streams.signal });
  let said = '';
  for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
    said += piece;
    for (let end = said.indexOf('\n\n'); end >= 0; end = said.indexOf('\n\n')) {
      const [, found, data] = /^event: (\w+)\ndata: (.*)$/m.exec(said.slice(0, end)) ?? [];
      said = said.slice(end + 2);
      if (found !== name) continue;
      const content = JSON.parse(data!) as T;
      if (when(content)) return content;
    }
  }
  throw new Error('the stream ended');
}

describe('the live stream', () => {
  test('tells roles, indexes, round trips and fsync of all replicas', async () => {
    const measured = ({ replicas }: Live): boolean => replicas[0]?.links[0]?.roundTripSeconds !== null;
    const live = await event<Live>('live', (each) => each.replicas.length === 5 && measured(each));
    expect(live.cluster).toMatchObject({ namespace: 'shop', name: 'orders' });
    expect(live.replicas.map(({ name, role }) => [name, role])).toEqual([
      ['ash', 'leader'],
      ...['birch', 'cedar', 'elm', 'fir'].map((name) => [name, 'follower']),
    ]);
    expect(live.replicas[1]).toMatchObject({ term: 3, lag: 1, leases: 250, missing: null });
    expect(live.replicas[0]!.committed).toBeGreaterThanOrEqual(1_000);
    expect(live.replicas[0]!.fsyncMeanSeconds).toBeCloseTo(0.004, 3);
    expect(live.replicas[0]!.links.map(({ to }) => to)).toEqual(['birch', 'cedar', 'elm', 'fir']);
  });

  test('says within a second who leads now, and that a dead replica does not answer', async () => {
    await event<Live>('live', ({ replicas }) => replicas[0]?.role === 'leader');
    await agent.replicas[0]!.stop();
    Object.assign(agent.replicas[1]!.facts, { leads: true, term: 4 });
    const began = performance.now();
    const live = await event<Live>(
      'live',
      ({ replicas }) => replicas[1]!.role === 'leader' && replicas[0]!.role === 'silent',
    );
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(live.replicas[0]).toMatchObject({ missing: 'no answer', term: null });
  });

  test('one that is stuck holds up nobody, and of two that lead only the newer term counts', async () => {
    agent.replicas[4]!.facts.stuck = true;
    Object.assign(agent.replicas[1]!.facts, { leads: true, term: 4 });
    const live = await event<Live>(
      'live',
      ({ replicas }) => replicas[1]?.role === 'leader' && replicas[4]?.role === 'silent',
    );
    expect(live.replicas.map(({ role }) => role)).toEqual([
      'follower',
      'leader',
      'follower',
      'follower',
      'silent',
    ]);
  });

  test('asks replicas for some metrics alone, and only while somebody looks', async () => {
    const { asked: seen } = agent.replicas[2]!;
    expect(seen).toEqual([]);
    await event('live', ({ replicas }: Live) => replicas[2]?.role === 'follower');
    expect(seen[0]).toContain('/metrics?name[]=aegis_has_leader&name[]=');
    streams.abort();
    await new Promise((done) => setTimeout(done, 700));
    const many = seen.length;
    await new Promise((done) => setTimeout(done, 1_500));
    expect(seen.length).toBe(many);
  });

  test('says that the supervisor does not answer, and when nothing is known yet', async () => {
    agent.known = { standing: agent.known!.standing, supervisor: 'no such socket' };
    expect(await event<Live>('live')).toMatchObject({ supervisor: 'no such socket' });
    agent.known = undefined;
    expect(await event<Live>('live', ({ cluster }) => cluster === null)).toMatchObject({ replicas: [] });
  });

  test('takes so many who look, and refuses the next one', async () => {
    const open = await Promise.all(
      Array.from({ length: STREAMS_MAX }, () => fetch(`${agent.url}/api/live`, { signal: streams.signal })),
    );
    expect(open.every(({ ok }) => ok)).toBe(true);
    expect(await asked('/api/live')).toMatchObject({
      status: 503,
      text: expect.stringContaining('too many'),
    });
  });
});

describe('what was seen and proposed', () => {
  test('an incident has its signals with bounds, causes, path, proposal with pairs, and its way to the merge', async () => {
    await agent.incident({
      id: 'i-20260304t120000z',
      beganAt: ONSET,
      endedAt: ONSET + 70_000,
      became: 'Merged',
    });
    const { incidents } = await event<Incidents>('incidents', (each) => each.incidents.length === 1);
    expect(incidents[0]).toMatchObject({
      id: 'i-20260304t120000z',
      classes: ['ElectionStorm'],
      phase: 'Applied',
    });
    const detail = await told<IncidentDetail>('/api/incident?id=i-20260304t120000z');
    expect(detail.signals).toContainEqual(
      expect.objectContaining({ class: 'ElectionStorm', bound: 3, worst: expect.any(Number), at: 'cluster' }),
    );
    expect(detail.causes[0]).toMatchObject({ fault: 'loop-stalled', at: 'replica ash' });
    expect(detail.path).toContainEqual({ effect: 'ElectionStorm', at: 'cluster' });
    expect(detail.proposal).toMatchObject({
      changes: [{ setting: 'electionTimeoutMs', from: 1_000 }],
      verification: { result: 'Improves', before: 4.2, pairs: PAIRS.map(([a, b]) => [a / 1_000, b / 1_000]) },
    });
    expect(detail.way.map(({ name, state }) => [name, state])).toEqual(
      [
        'Signal',
        'Incident',
        'Cause',
        'Proposal',
        'Envelope',
        'Verification',
        'Branch',
        'Merge',
        'Applied',
      ].map((name) => [name, 'done']),
    );
    expect(detail.way[7]!.text).toBe('by ada');
  });

  test('a proposal waits for its merge; advice and a verification without effect end the way', async () => {
    await agent.incident({ id: 'i-1', beganAt: ONSET });
    await agent.incident({ id: 'i-2', beganAt: ONSET, kind: 'full-disk' });
    const nothing = { result: 'NoDifference', signal: 's', unit: 'u', seeds: 8 } as const;
    const numbers = { before: 1, after: 1, delta: 0, deltaLow: -1, deltaHigh: 1 };
    await agent.incident({ id: 'i-3', beganAt: ONSET, verification: { ...nothing, ...numbers } });
    const states = async (id: string) => {
      const { way } = await told<IncidentDetail>(`/api/incident?id=${id}`);
      return way.map(({ state }) => state).join(' ');
    };
    expect(await states('i-1')).toBe('done done done done done done done waits ahead');
    expect(await states('i-2')).toBe('done done done stopped ahead ahead ahead ahead ahead');
    expect(await states('i-3')).toBe('done done done done done stopped ahead ahead ahead');
  });

  test('evidence of an earlier agent is read, and says what it has not', async () => {
    const { folder, evidence } = agent;
    const state = {
      id: 'i-4',
      classes: ['DiskStall'] as const,
      onset: ONSET,
      openedAt: ONSET,
      lastSeen: ONSET,
    };
    folder.write('incidents', 'i-4', { kind: 'Incident', version: 1, ...state });
    evidence.append(ONSET, 'i-4', 'classify', { verdict: 'incident', classes: ['DiskStall'], onset: ONSET });
    evidence.append(ONSET, 'i-4', 'diagnose', { ranked: [], evidence: [] });
    expect(await told<IncidentDetail>('/api/incident?id=i-4')).toMatchObject({ signals: null, path: null });
  });

  test('names of incidents that are none are refused', async () => {
    for (const [path, status] of [
      ['/api/incident?id=..%2Fwork', 400],
      ['/api/incident', 400],
      ['/api/incident?id=i-9', 404],
      ['/api/incidents?before=%2F', 400],
    ] as const)
      expect(await asked(path)).toMatchObject({ status });
  });
});

describe('what clients hold', () => {
  test('is paged from a replica that answers', async () => {
    await agent.replicas[0]!.stop();
    const page = await told<Holdings>('/api/leases?limit=100');
    expect(page).toMatchObject({ replica: 'birch', total: 250, next: '100' });
    expect(page.leases).toHaveLength(100);
    expect((await told<Holdings>('/api/leases?limit=100&after=200')).next).toBeNull();
    expect(await told('/api/leases?replica=fir')).toMatchObject({ replica: 'fir' });
  });

  test('says why there is nothing, and what may be asked', async () => {
    expect(await asked('/api/leases?limit=1000')).toMatchObject({ status: 400 });
    expect(await asked(`/api/locks?after=${'x'.repeat(5_000)}`)).toMatchObject({ status: 400 });
    expect(await asked('/api/locks?replica=oak')).toMatchObject({ status: 404 });
    await Promise.all(agent.replicas.map((replica) => replica.stop()));
    expect(await asked('/api/locks')).toMatchObject({
      status: 502,
      text: expect.stringContaining('ash: no answer'),
    });
    agent.known = undefined;
    expect(await asked('/api/locks')).toMatchObject({ status: 503 });
  });
});

describe('the port', () => {
  test('takes GET alone, for names of its own alone', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])
      expect(await asked('/', { method })).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    for (const host of [
      'evil.example',
      'evil.example:4400',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
    ])
      expect(await asked('/', { host })).toMatchObject({ status: 421 });
    for (const host of ['localhost', 'LOCALHOST:4400', '127.0.0.1:1', '[::1]:4400'])
      expect(await asked('/', { host })).toMatchObject({ status: 200 });
    await agent.die();
    await agent.resume(['aegis.example']);
    expect(await asked('/', { host: 'aegis.example:80' })).toMatchObject({ status: 200 });
  });

  test('every answer forbids inline scripts, frames and foreign content', async () => {
    for (const path of ['/', '/style.css', '/page/main.js', '/api/locks', '/nothing']) {
      const policy = String((await asked(path)).headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).not.toContain('unsafe');
    }
    for (const path of [
      '/page/..%2f..%2fpackage.json',
      '/../package.json',
      '/page/constructor',
      '/api/__proto__',
    ])
      expect(await asked(path)).toMatchObject({ status: 404 });
  });

  test('the page is small, and asks nobody else for anything', () => {
    const assets = [...readAssets().values()];
    const bytes = assets.reduce((sum, { bytes: each }) => sum + gzipSync(each).length, 0);
    expect(assets.length).toBeGreaterThan(15);
    expect(bytes).toBeLessThan(PAGE_BYTES_MAX);
    const foreign = assets.filter(({ bytes: each }) =>
      /(?:src|href|from|url\(|import)\s*[=(]?\s*["']?https?:/.test(each.toString()),
    );
    expect(foreign).toEqual([]);
  });
});
