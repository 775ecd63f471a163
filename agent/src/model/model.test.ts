import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { book, parts, question, soundNarration, soundRanking } from '../testing/model.js';
import { openAiServer, type Behaviour, type OpenAiServer } from '../testing/openai-server.js';
import { narratedBy, rankedBy, type ModelParts } from './model.js';
import { openAiEndpoint } from './openai.js';
import { recordedEndpoint, recording } from './recorded.js';
import { modelOf, readModelSettings } from './settings.js';

/** Real connections on loopback: a busy machine may take its time. */
jest.setTimeout(180_000);

const asked = question();
const { facts } = asked;
const SOUND = soundRanking(facts);
const ENDING = { became: 'advice', verification: 'NotRun', fault: 'disk-slow' } as const;

const servers: OpenAiServer[] = [];
const folder = mkdtempSync(join(tmpdir(), 'aegis-model-'));
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});

/** The parts of a model behind a server that behaves in this way, answer by answer; the last one goes on. */
async function behind(
  behaviours: readonly Behaviour[],
  more: Partial<ModelParts> & { readonly timeoutMs?: number } = {},
): Promise<{ parts: ModelParts; server: OpenAiServer }> {
  const server = await openAiServer((nth) => behaviours[Math.min(nth, behaviours.length - 1)]!);
  servers.push(server);
  const { timeoutMs = 20_000, ...others } = more;
  const { endpoint } = server;
  const options = { endpoint, apiKey: 'a-key', timeoutMs, answers: 'json_schema' } as const;
  return { parts: parts(openAiEndpoint(options), others), server };
}
const spent = ({ book: { records } }: ModelParts) =>
  records.flatMap(({ step, output }) =>
    step === 'model-answered' ? [(output as { cost: number }).cost] : [],
  );

test('a model orders causes, and says why, with the names of the replicas', async () => {
  const { parts, server } = await behind([{ says: SOUND }]);
  const opinion = await rankedBy(parts, 'one', asked);
  expect(opinion).toMatchObject({ by: 'model', causes: asked.causes.toReversed() });
  expect(facts.causes.length).toBeGreaterThanOrEqual(2);
  expect(opinion.by === 'model' && opinion.rationale).toMatch(/at (?:ash|birch|cedar|elm|fir)/);
  const [{ path, authorization, body }] = server.asked as [OpenAiServer['asked'][number]];
  expect([path, authorization]).toEqual(['/v1/chat/completions', 'Bearer a-key']);
  expect(body).toMatchObject({ model: 'for-tests', temperature: 0, max_tokens: 500 });
  expect(body.response_format).toMatchObject({ type: 'json_schema', json_schema: { strict: true } });
  expect(JSON.stringify(body.response_format)).not.toMatch(/maxLength|maxItems|\$schema/);
  expect(parts.book.records[0]!.output).toMatchObject({ request: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(spent(parts)).toEqual([Math.ceil(1000 * 0.2 + 100 * 0.6)]);
});

test('a model tells the story', async () => {
  const { parts } = await behind([{ says: soundNarration(facts) }]);
  expect(await narratedBy(parts, 'one', asked, ENDING)).toEqual({
    by: 'model',
    summary: expect.stringMatching(/^It began with e1 at (?:ash|birch|cedar|elm|fir)/),
    lessons: ['A cause is below what it makes late.'],
  });
});

test('causes that a model leaves out keep their order behind the others', async () => {
  const last = facts.causes.at(-1)!;
  const only = { causes: [{ id: last.id, evidence: ['e1'] }], rationale: 'It was first.', runbooks: [] };
  const { parts } = await behind([{ says: JSON.stringify(only) }]);
  const opinion = await rankedBy(parts, 'one', asked);
  expect(opinion.by === 'model' && opinion.causes).toEqual([
    asked.causes.at(-1),
    ...asked.causes.slice(0, -1),
  ]);
});

const edited = (
  change: (answer: { causes: { id: string; evidence: string[] }[]; rationale: string }) => void,
): string => {
  const answer = JSON.parse(SOUND);
  change(answer);
  return JSON.stringify(answer);
};

describe('an answer that is not accepted is asked for once more, and then the baseline stands', () => {
  test.each<[string, string, string]>([
    ['nonsense', 'blorp blorp', 'not one JSON object'],
    ['nothing', '', 'not one JSON object'],
    ['half JSON', SOUND.slice(0, SOUND.length / 2), 'not one JSON object'],
    ['two objects', `${SOUND}${SOUND}`, 'not one JSON object'],
    ['very much', `${SOUND}${' '.repeat(20_000)}`, 'more than 16384 characters'],
    ['another shape', '{"answer":42}', 'causes:'],
    ['a key too many', SOUND.replace('{', '{"patch":{"electionTimeoutMs":50},'), 'patch'],
    [
      'another language',
      edited((a) => (a.rationale = 'La causa es un disco lento en la replica que no responde bien hoy.')),
      'not in English',
    ],
    ['another script', edited((a) => (a.rationale = '磁盘太慢')), 'plain English'],
    [
      'an unsafe setting',
      edited((a) => (a.rationale = 'Set the electionTimeoutMs lower.')),
      'settings are not yours',
    ],
    [
      'a class of its own',
      edited((a) => (a.rationale = 'It is a SplitBrain and it is bad.')),
      'no such class',
    ],
    ['a number of its own', edited((a) => (a.rationale = 'The sync took 77 seconds.')), 'no number 77'],
    ['a cause that does not exist', edited((a) => (a.causes[0]!.id = 'c9')), '"c9" does not exist'],
    ['a cause twice', edited((a) => a.causes.push(a.causes[0]!)), 'stands twice'],
    ['no cause', edited((a) => (a.causes = [])), 'at least one'],
    [
      'evidence that does not exist',
      edited((a) => (a.causes[0]!.evidence = ['e99'])),
      '"e99" does not exist',
    ],
    ['no evidence', edited((a) => (a.causes[0]!.evidence = [])), 'has no evidence'],
    [
      'a runbook that was not given',
      SOUND.replace('"runbooks":[]', '"runbooks":["sudo"]'),
      '"sudo" was not given',
    ],
  ])('%s', async (_, says, why) => {
    const { parts, server } = await behind([{ says }]);
    expect(await rankedBy(parts, 'one', asked)).toEqual({
      by: 'baseline',
      why: expect.stringContaining(why),
    });
    expect(server.asked).toHaveLength(2);
    expect(server.asked[1]!.body.messages.at(-1)!.content).toContain(why);
    expect(spent(parts)).toHaveLength(2);
    const mended = await behind([{ says }, { says: SOUND }]);
    expect(await rankedBy(mended.parts, 'one', asked)).toMatchObject({ by: 'model' });
    expect(mended.server.asked).toHaveLength(2);
  });

  test('an answer that was cut off is kept, and asked for shorter', async () => {
    const half = { says: SOUND.slice(0, -20), cutOff: true } as const;
    const { parts, server } = await behind([half, half]);
    const why = expect.stringMatching(/it ended with the \d+ tokens that it may have/);
    expect(await rankedBy(parts, 'one', asked)).toEqual({ by: 'baseline', why });
    expect(server.asked[1]!.body.messages.slice(-2)).toEqual([
      { role: 'assistant', content: half.says },
      { role: 'user', content: why },
    ]);
    const mended = await behind([half, { says: SOUND }]);
    expect(await rankedBy(mended.parts, 'one', asked)).toMatchObject({ by: 'model' });
  });

  test('a block of code around the answer is taken off', async () => {
    const { parts } = await behind([{ says: `\`\`\`json\n${SOUND}\n\`\`\`` }]);
    expect(await rankedBy(parts, 'one', asked)).toMatchObject({ by: 'model' });
  });

  test.each([
    [
      'a lesson with a number',
      { summary: 'It was slow.', lessons: ['Keep it below 10 seconds.'] },
      'no number 10',
    ],
    ['four lessons', { summary: 'It was slow.', lessons: ['a', 'b', 'c', 'd'] }, 'lessons'],
    ['a summary with a command', { summary: 'Run `reboot` on r1.', lessons: [] }, 'plain sentences'],
  ])('a story: %s', async (_, story, why) => {
    const { parts } = await behind([{ says: JSON.stringify(story) }]);
    const told = await narratedBy(parts, 'one', asked, ENDING);
    expect(told).toEqual({ by: 'baseline', why: expect.stringContaining(why) });
  });
});

describe('an endpoint that gives no answer is asked once, and the baseline stands', () => {
  const HUGE = JSON.stringify({ choices: [{ message: { content: 'x'.repeat(9 * 1024 * 1024) } }] });
  test.each<[string, Behaviour, string]>([
    ['429', { status: 429 }, 'answers 429'],
    ['500', { status: 500 }, 'answers 500'],
    ['401', { status: 401 }, 'answers 401'],
    ['404', { status: 404 }, 'answers 404'],
    ['a redirect', { status: 302 }, 'The model at'],
    ['hanging up', 'hangs-up', 'cannot be reached'],
    ['no JSON', { raw: '<html>' }, 'no chat completion'],
    ['nine megabytes', { raw: HUGE }, 'The model at'],
  ])('%s', async (_, behaviour, why) => {
    const { parts, server } = await behind([behaviour]);
    const said = await rankedBy(parts, 'one', asked);
    expect(said).toEqual({ by: 'baseline', why: expect.stringContaining(why) });
    expect(server.asked).toHaveLength(1);
    expect(JSON.stringify(said)).not.toContain('a-key');
  });

  test('never answering ends with the time', async () => {
    const { parts } = await behind(['never'], { timeoutMs: 150 });
    const why = expect.stringContaining('did not answer within 150 ms');
    expect(await rankedBy(parts, 'one', asked)).toEqual({ by: 'baseline', why });
    expect(spent(parts)).toEqual([]);
  });

  test('nobody there', async () => {
    const { parts, server } = await behind([{ says: SOUND }]);
    await server.close();
    expect(await rankedBy(parts, 'one', asked)).toMatchObject({ by: 'baseline' });
  });
});

describe('the budget', () => {
  test('of an incident: nothing is asked that may pass it', async () => {
    const { parts, server } = await behind([{ says: SOUND }], { budget: { perIncident: 10, perDay: 1e9 } });
    const why = expect.stringContaining('budget of an incident');
    expect(await rankedBy(parts, 'one', asked)).toEqual({ by: 'baseline', why });
    expect(server.asked).toEqual([]);
  });

  test('of a day, over incidents; and it begins anew with the next', async () => {
    let now = 5 * 86_400_000;
    const { parts, server } = await behind([{ says: SOUND, usage: { prompt: 100_000, completion: 1 } }], {
      budget: { perIncident: 1e9, perDay: 30_000 },
      now: () => now,
    });
    expect(await rankedBy(parts, 'one', asked)).toMatchObject({ by: 'model' });
    expect(await rankedBy(parts, 'two', asked)).toMatchObject({ by: 'model' });
    expect(spent(parts)).toEqual([20_001, 20_001].map((cost) => cost));
    expect(await rankedBy(parts, 'three', asked)).toEqual({
      by: 'baseline',
      why: expect.stringContaining('budget of a day'),
    });
    expect(server.asked).toHaveLength(2);
    now += 86_400_000;
    expect(await rankedBy(parts, 'three', asked)).toMatchObject({ by: 'model' });
  });

  test('an endpoint that does not count has used all that it may', async () => {
    const { parts } = await behind([{ says: SOUND, usage: null }]);
    await rankedBy(parts, 'one', asked);
    const [noted] = parts.book.records;
    expect(spent(parts)).toEqual([(noted!.output as { most: number }).most]);
  });

  test('a request that was cut off counts, also after a restart', async () => {
    const kept = book();
    const { parts } = await behind(['never', { says: SOUND }], { timeoutMs: 100, book: kept });
    await rankedBy(parts, 'one', asked);
    const most = (kept.records[0]!.output as { most: number }).most;
    const later = { ...parts, budget: { perIncident: 2 * most - 1, perDay: 1e9 } };
    expect(await rankedBy(later, 'one', asked)).toMatchObject({
      by: 'baseline',
      why: expect.stringContaining('budget'),
    });
  });
});

describe('recorded exchanges', () => {
  test('answer offline, byte for byte, by the hash of the request', async () => {
    const { parts: live, server } = await behind([{ says: SOUND }]);
    const told = await rankedBy({ ...live, endpoint: recording(live.endpoint, folder) }, 'one', asked);
    await server.close();
    expect(await rankedBy(parts(recordedEndpoint(folder)), 'one', asked)).toEqual(told);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.json$/)]);
    expect(readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8')).not.toContain('a-key');
    const other = await rankedBy(parts(recordedEndpoint(folder), { model: 'another' }), 'one', asked);
    expect(other).toEqual({ by: 'baseline', why: expect.stringContaining('record it anew') });
  });

  test('one that was changed is refused', async () => {
    const { parts: live } = await behind([{ says: SOUND }]);
    await rankedBy({ ...live, endpoint: recording(live.endpoint, folder) }, 'one', asked);
    const path = join(folder, readdirSync(folder)[0]!);
    const content = readFileSync(path, 'utf8');
    for (const [changed, why] of [
      [content.replace('You help', 'You hack'), 'another hash'],
      [content.slice(0, 50), 'no JSON'],
      ['null', 'no exchange'],
    ] as const) {
      writeFileSync(path, changed);
      const said = await rankedBy(parts(recordedEndpoint(folder)), 'one', asked);
      expect(said).toEqual({ by: 'baseline', why: expect.stringContaining(why) });
    }
  });
});

describe('settings', () => {
  const GOOD =
    'endpoint: https://openrouter.ai/api/v1\nmodel: a/b\nprices: {input: 0.1, output: 0.4}\nbudget: {perIncident: 0.05, perDay: 1}\n';
  const path = join(folder, 'model.yaml');
  const read = (text: string) => {
    writeFileSync(path, text);
    return readModelSettings(path);
  };

  test('are read, with their defaults', () => {
    expect(read(GOOD)).toMatchObject({ timeoutMs: 30_000, maxOutputTokens: 1_200, answers: 'json_schema' });
    expect(modelOf(read(GOOD)).budget).toEqual({ perIncident: 50_000, perDay: 1_000_000 });
    expect(read(GOOD.replace('https://openrouter.ai/api/v1', 'http://127.0.0.1:8080/v1')).model).toBe('a/b');
  });

  test.each([
    ['http to elsewhere', GOOD.replace('https:', 'http:'), 'endpoint: https is wanted'],
    [
      'a password in the address',
      GOOD.replace('https://', 'https://ada:secret@'),
      'endpoint: https is wanted',
    ],
    ['no address', GOOD.replace('https://openrouter.ai/api/v1', 'openrouter'), 'endpoint:'],
    ['a key in the file', `${GOOD}apiKey: sk-1\n`, 'apiKey'],
    ['no budget', GOOD.replace(/budget.*\n/, ''), 'budget:'],
    ['a negative price', GOOD.replace('0.1', '-1'), 'prices.input'],
    ['no YAML', '{', 'cannot be read'],
  ])('%s is refused by name', (_, text, why) => {
    expect(() => read(text)).toThrow(why);
    expect(() => read(text)).toThrow(path);
  });

  test('a key comes from its file, and from nowhere else', () => {
    const keyed = `${GOOD}apiKeyFile: ${join(folder, 'key')}\n`;
    expect(existsSync(join(folder, 'key'))).toBe(false);
    expect(() => modelOf(read(keyed))).toThrow('(ENOENT)');
    writeFileSync(join(folder, 'key'), 'two keys\n');
    expect(() => modelOf(read(keyed))).toThrow('one key and nothing else');
    writeFileSync(join(folder, 'key'), 'sk-1\n');
    expect(modelOf(read(keyed)).model).toBe('a/b');
  });

  test('tracing by the library is refused', () => {
    process.env['LANGSMITH_TRACING'] = 'true';
    try {
      expect(() => modelOf(read(GOOD))).toThrow('LANGSMITH_TRACING is set');
    } finally {
      delete process.env['LANGSMITH_TRACING'];
    }
  });
});
