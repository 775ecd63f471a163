import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TARGET } from '../forge/testing/pages.js';
import { bodyOf } from './bodies.js';
import type { Notice } from './notice.js';
import { Notifier, WAITING_MAX } from './notifier.js';
import { readWebhooks } from './settings.js';
import { ATTEMPTS, type Webhook } from './webhook.js';

const AT = Date.parse('2026-03-04T12:00:20Z');
const incident: Notice = {
  kind: 'incident',
  target: TARGET,
  incident: 'orders-1',
  at: AT,
  classes: ['ElectionStorm', 'DiskStall'],
  onset: AT - 20_000,
  cause: { fault: 'disk-slow', at: { replica: 'aegis-1' }, scorePermille: 850 },
};
const proposal: Notice = {
  kind: 'proposal',
  target: TARGET,
  incident: 'orders-1',
  at: AT,
  family: 'timing',
  patch: { electionTimeoutMs: 1200 },
  state: 'Open',
  url: 'https://forge.example/shop/config/pull/7',
};
const postmortem: Notice = {
  kind: 'postmortem',
  target: TARGET,
  incident: 'orders-1',
  at: AT,
  became: 'published',
  url: 'https://forge.example/shop/config/issues/8',
};

describe('bodies', () => {
  test('of Slack', () => {
    expect(JSON.parse(bodyOf(proposal, 'slack'))).toEqual({
      text: 'Proposal for shop/orders, timing: open for review',
      parse: 'none',
      link_names: false,
      blocks: [
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            verbatim: true,
            text: '*Proposal for shop/orders, timing: open for review*\nelectionTimeoutMs 1200. Nothing changes before a person merges it.\n<https://forge.example/shop/config/pull/7>',
          },
        },
      ],
    });
    expect(bodyOf(incident, 'slack')).toContain('Likeliest cause: disk-slow at replica aegis-1.');
  });

  test('of Alertmanager, version 4: an incident fires, and its postmortem resolves the same alert', () => {
    const fires = JSON.parse(bodyOf(incident, 'alertmanager'));
    expect(fires).toMatchObject({
      version: '4',
      status: 'firing',
      receiver: 'aegis-agent',
      truncatedAlerts: 0,
      groupLabels: { alertname: 'AegisIncident', incident: 'orders-1' },
      commonLabels: { alertname: 'AegisIncident', namespace: 'shop', cluster: 'orders', severity: 'warning' },
      commonAnnotations: { summary: 'ElectionStorm, DiskStall in shop/orders (incident orders-1)' },
      alerts: [{ status: 'firing', startsAt: '2026-03-04T12:00:00.000Z', endsAt: '0001-01-01T00:00:00Z' }],
    });
    expect(fires.alerts[0].labels).toEqual(fires.commonLabels);
    const ends = JSON.parse(bodyOf(postmortem, 'alertmanager'));
    expect(ends).toMatchObject({
      status: 'resolved',
      externalURL: postmortem.kind === 'postmortem' && postmortem.url,
    });
    expect(ends.alerts[0]).toMatchObject({
      fingerprint: fires.alerts[0].fingerprint,
      labels: fires.alerts[0].labels,
    });
    expect(ends.groupKey).toBe(fires.groupKey);
    const statuses = (['Open', 'Merged', 'Closed'] as const).map(
      (state) => JSON.parse(bodyOf({ ...proposal, state }, 'alertmanager')).status,
    );
    expect(statuses).toEqual(['firing', 'resolved', 'resolved']);
  });

  test.each([
    '<!channel> <@U123> <https://evil.example|click>',
    '@here @channel',
    '*bold* `code` ~gone~ _it_',
    'line\n\nbreak \u0000\u001b[31m \u202e \u2066',
    '"},{"text":"merged"}',
    'x'.repeat(10_000),
  ])('words of others stay words: %j', (word) => {
    const target = { clusterId: word, namespace: word, cluster: word };
    const all: Notice[] = [
      {
        ...incident,
        target,
        incident: word,
        cause: { fault: 'disk-slow', at: { replica: word }, scorePermille: 1 },
      },
      { ...proposal, target, incident: word, url: `javascript:${word}`, by: word },
      { ...postmortem, target, incident: word, became: word, url: word },
    ];
    for (const notice of all) {
      const slack = bodyOf(notice, 'slack');
      expect(slack.length).toBeLessThan(8_000);
      const { text, blocks } = JSON.parse(slack);
      const shown = `${text}\n${blocks[0].text.text}`;
      expect(shown).not.toMatch(/<|@(?!\u200b)|[`~](?!\u200b)|javascript:(?=\S*>)/);
      expect(shown.split('\n').length).toBeLessThanOrEqual(4);
      // oxlint-disable-next-line no-control-regex
      expect(shown).not.toMatch(/[\u0000-\u0009\u001b\u202e\u2066]/);
      const alert = JSON.parse(bodyOf(notice, 'alertmanager'));
      expect(alert.externalURL).toBe('');
      expect(alert.alerts).toHaveLength(1);
      expect(alert.alerts[0].labels.cluster.length).toBeLessThanOrEqual(301);
    }
  });
});

type Answer = { readonly status: number; readonly retryAfter?: string } | 'never' | 'hangs-up';

describe('sending', () => {
  let close: () => Promise<void>;
  let url: string;
  let got: { body: string; authorization: string | undefined }[];
  let answer: (nth: number) => Answer;
  let paused: number[];
  let logged: string[];
  let notifier: Notifier | undefined;

  beforeEach(async () => {
    [got, paused, logged, answer] = [[], [], [], () => ({ status: 200 })];
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        got.push({ body: Buffer.concat(parts).toString(), authorization: request.headers.authorization });
        const how = answer(got.length - 1);
        if (how === 'never') return;
        if (how === 'hangs-up') return void response.socket?.destroy();
        if (how.retryAfter !== undefined) response.setHeader('retry-after', how.retryAfter);
        if (how.status === 302) response.setHeader('location', '/elsewhere');
        response.writeHead(how.status).end('a secret of the other side');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/s3cret`;
    close = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
  });
  afterEach(async () => {
    notifier?.close();
    await close();
  });

  const hook = (more: Partial<Webhook> = {}): Webhook => ({
    name: 'ops',
    format: 'slack',
    url,
    token: 't0ken',
    timeoutMs: 20_000,
    ...more,
  });
  const notifying = (...hooks: readonly Webhook[]): Notifier =>
    (notifier = new Notifier(hooks, (line) => logged.push(line), {
      random: () => 0.5,
      sleep: async (ms) => void paused.push(ms),
    }));

  test('notices arrive in order, each once, with the token', async () => {
    const one = notifying(hook());
    for (const notice of [incident, proposal, postmortem]) one.send(notice);
    await one.idle();
    expect(got.map(({ body }) => body)).toEqual(
      [incident, proposal, postmortem].map((each) => bodyOf(each, 'slack')),
    );
    expect(got[0]!.authorization).toBe('Bearer t0ken');
    expect(one.counts).toEqual({ ops: { sent: 3, failed: 0, dropped: 0 } });
    expect(logged).toEqual([]);
  });

  test('what passes is tried again, later and later, so often and no more', async () => {
    answer = () => ({ status: 503 });
    const one = notifying(hook());
    one.send(incident);
    await one.idle();
    expect(got).toHaveLength(ATTEMPTS);
    expect(paused).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(one.counts).toEqual({ ops: { sent: 0, failed: 1, dropped: 0 } });
    expect(logged).toEqual([
      `webhook ops: it answers 503 (attempt ${ATTEMPTS} of ${ATTEMPTS}); a notice of incident is lost`,
    ]);
  });

  test.each<[string, Answer]>([
    ['500', { status: 500 }],
    ['429', { status: 429 }],
    ['a broken connection', 'hangs-up'],
  ])('after %s it arrives', async (_, first) => {
    answer = (nth) => (nth === 0 ? first : { status: 200 });
    const one = notifying(hook());
    one.send(incident);
    await one.idle();
    expect(one.counts).toEqual({ ops: { sent: 1, failed: 0, dropped: 0 } });
  });

  test('it waits as long as it is asked to, within bounds', async () => {
    const asked = ['7', '100000', 'soon'];
    answer = (nth) => ({ status: 429, retryAfter: asked[nth] ?? '0' });
    const one = notifying(hook());
    one.send(incident);
    await one.idle();
    expect(paused).toEqual([7_000, 60_000, 4_000, 8_000]);
  });

  test.each([400, 401, 403, 404, 410])('%i is not tried again', async (status) => {
    answer = () => ({ status });
    const one = notifying(hook());
    one.send(incident);
    await one.idle();
    expect([got.length, one.counts['ops']!.failed]).toEqual([1, 1]);
  });

  test('a redirect is not followed, and no log line has the address, the token or the answer', async () => {
    answer = () => ({ status: 302 });
    const one = notifying(hook());
    one.send(incident);
    await one.idle();
    expect(one.counts['ops']!.failed).toBe(1);
    expect(logged.join()).toMatch(/webhook ops/);
    expect(logged.join()).not.toMatch(/s3cret|t0ken|secret of/);
  });

  test('one that never answers holds up nobody, and too many notices are not kept', async () => {
    answer = () => 'never';
    const other = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    const one = notifying(hook(), hook({ name: 'other', url: address }));
    one.send(incident);
    one.send(proposal);
    while (one.counts['other']!.sent < 2) await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < WAITING_MAX + 9; i++) one.send(incident);
    expect(one.counts['ops']).toEqual({ sent: 0, failed: 0, dropped: 10 });
    expect(logged.filter((line) => line.includes('too many'))).toHaveLength(
      1 + Number(one.counts['other']!.dropped > 0),
    );
    one.close();
    await one.idle();
    one.send(incident);
    expect(one.counts['ops']!.sent).toBe(0);
    await new Promise((resolve) => {
      other.close(resolve);
      other.closeAllConnections();
    });
  });

  test('no answer within its time counts as none', async () => {
    answer = () => 'never';
    const one = notifying(hook({ timeoutMs: 100 }));
    one.send(incident);
    await one.idle();
    expect(logged.join()).toContain('no answer within 100 ms');
  });
});

describe('settings', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aegis-notify-'));
    path = join(folder, 'webhooks.yaml');
    writeFileSync(join(folder, 'url'), 'https://hooks.example/services/s3cret\n');
    writeFileSync(join(folder, 'token'), 't0ken\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = (more = '', url = 'https://hooks.example/services/s3cret') => {
    writeFileSync(join(folder, 'url'), url);
    const hook = `{name: ops, format: slack, urlFile: ${folder}/url${more}}`;
    writeFileSync(path, `webhooks:\n  - ${hook}\n`);
    return readWebhooks(path);
  };

  test('secrets come from files', () => {
    expect(read(`, tokenFile: ${folder}/token`)).toEqual([
      {
        name: 'ops',
        format: 'slack',
        url: 'https://hooks.example/services/s3cret',
        token: 't0ken',
        timeoutMs: 5_000,
      },
    ]);
    expect(read(', clearText: true', 'http://receiver.monitoring:8080/')[0]!.token).toBeUndefined();
    expect(read('', 'http://127.0.0.1:9/')).toHaveLength(1);
  });

  test.each([
    ['a key that is none', ', url: https://x.example', undefined, 'url'],
    ['http to elsewhere', '', 'http://hooks.example/s3cret', 'https is wanted; clearText'],
    [
      'a token in clear text',
      'TOKEN, clearText: true',
      'http://hooks.example/s3cret',
      'may not go in clear text',
    ],
    ['a user in the address', '', 'https://ada:s3cret@hooks.example/', 'may hold no user'],
    ['another protocol', '', 'file:///s3cret', 'https is wanted'],
    ['no address', '', 's3cret', 'one address and nothing else'],
    ['two lines', '', 'https://a.example/\nhttps://s3cret.example/', 'one line and nothing else'],
    ['a file that is not there', ', tokenFile: /nowhere/token', undefined, '(ENOENT)'],
  ])('%s is refused, without telling the secret', (_, more, url, why) => {
    const make = () => read(more.replace('TOKEN', `, tokenFile: ${folder}/token`), url);
    expect(make).toThrow(why);
    expect(make).not.toThrow('s3cret');
    expect(make).toThrow(path);
  });

  test('two of one name, and a file that is none', () => {
    const hook = `{name: ops, format: slack, urlFile: ${folder}/url}`;
    writeFileSync(path, `webhooks: [${hook}, ${hook}]`);
    expect(() => readWebhooks(path)).toThrow('two webhooks are called ops');
    writeFileSync(path, 'webhooks: {');
    expect(() => readWebhooks(path)).toThrow('cannot be read');
  });
});
