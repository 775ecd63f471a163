import { recording as recordingInto, type ModelEndpoint, type ModelParts } from '@aegis/agent/model';
import { windowOf, type Window } from '@aegis/agent/telemetry';
import { scripted } from '@aegis/agent/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askModel, firstOf, ours, retrieval, withModel, type Method } from './index.js';

const judge = (method: Method, window: Window) => method.judge(window, firstOf(method));
const bad = (second: number): boolean => second > 20 && second <= 50;
const quiet = windowOf(scripted({ seconds: 60 }));
/** A slow disk and a full one. */
const two = windowOf(
  scripted({
    seconds: 60,
    replica: (second, at) => ({
      ...(at === 2 && bad(second) ? { sync: 0.2, syncs: 4, behind: 4000 } : {}),
      ...(at === 3 && second > 40 ? { diskFull: true } : {}),
    }),
  }),
);
const other = windowOf(
  scripted({ seconds: 60, replica: (second, at) => ({ diskFull: at === 3 && bad(second) }) }),
);
const names = two.replicas.map(({ name }) => name);

test('retrieval names what the runbooks that fit are about, where it was seen first', () => {
  expect(judge(retrieval, quiet)).toEqual({ classes: [], causes: [], path: [] });
  const { classes, causes, path } = judge(retrieval, two);
  expect(classes).toEqual(judge(ours, two).classes);
  expect(causes.length).toBeGreaterThanOrEqual(1);
  for (const { at } of causes)
    expect(typeof at === 'string' || 'from' in at || names.includes(at.replica)).toBe(true);
  expect(causes.reduce((sum, { confidence }) => sum + confidence, 0)).toBeCloseTo(1, 12);
  expect(path.map(({ effect }) => effect)).toEqual(classes);
  expect(judge(retrieval, two)).toEqual({ classes, causes, path });
});

describe('retrieval with a model', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aegis-exchanges-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const asking = (complete: ModelEndpoint['complete']): ModelParts => ({
    endpoint: recordingInto({ complete }, folder),
    model: 'for-tests',
    maxOutputTokens: 100,
    prices: { input: 1, output: 1 },
    budget: { perIncident: 1e9, perDay: 1e9 },
    book: {
      records: [],
      append: (at, incident, step, output) => ({ n: 1, prev: '', at, incident, step, output }),
    },
    now: () => 0,
  });
  /** Turns the order of the causes round. */
  const turning: ModelEndpoint['complete'] = async ({ messages }) => {
    const { causes } = JSON.parse(messages[1]!.content) as { causes: { id: string; evidence: string[] }[] };
    const order = causes.toReversed().map(({ id, evidence }) => ({ id, evidence }));
    const text = JSON.stringify({ causes: order, rationale: 'It was full.', runbooks: [] });
    return { text, inputTokens: 1, outputTokens: 1 };
  };

  test('is absent where no model was asked', () => {
    expect(withModel(folder)).toBeUndefined();
  });

  test('is the baseline in the order of the model, as recorded', async () => {
    expect(await askModel(folder, [quiet, two], asking(turning))).toEqual([]);
    const method = withModel(folder)!;
    const baseline = judge(ours, two).causes.slice(0, 5);
    expect(baseline.length).toBeGreaterThanOrEqual(2);
    expect(judge(method, two).causes.map(({ at }) => at)).toEqual(baseline.map(({ at }) => at).toReversed());
    expect(judge(method, two).classes).toEqual(judge(ours, two).classes);
    expect(judge(method, quiet).causes).toEqual([]);
    expect(method.counts).toEqual({ asked: 2, recorded: 2, accepted: 2 });
  });

  test('is the baseline where nothing was recorded, or nothing that is accepted', async () => {
    const nonsense: ModelEndpoint['complete'] = async () => ({
      text: 'hm',
      inputTokens: 1,
      outputTokens: 1,
    });
    expect(await askModel(folder, [two], asking(nonsense))).toEqual([
      expect.stringContaining('not accepted'),
    ]);
    const method = withModel(folder)!;
    expect(judge(method, two)).toEqual(judge(ours, two));
    expect(judge(method, other)).toEqual(judge(ours, other));
    expect(method.counts).toEqual({ asked: 2, recorded: 1, accepted: 0 });
  });

  test('a head that is damaged is refused by name', () => {
    writeFileSync(join(folder, 'model.json'), '{}');
    expect(() => withModel(folder)).toThrow(/model\.json.*has to say model/);
  });
});
