import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KvWatchCreate, KvWatchResponse } from '@aegis/proto/v1/kv';

import { anyRange, kvHistory } from '../../../state/kv/testing/kv-history.js';
import { KvModel, type Plain } from '../../../state/kv/testing/kv-model.js';
import { kvOp, plain } from '../../../state/kv/testing/kv-script.js';
import { Script } from '../../../state/testing/script.js';
import { KvWatchHub } from './watch-hub.js';
import type { KvWatcher, WatchSink } from './watcher.js';

/** A client that reads when it is told to, and takes `room` responses before it has to be. */
class Client implements WatchSink {
  readonly responses: KvWatchResponse[] = [];
  room = 0;
  watcher: KvWatcher | undefined;
  get ready(): boolean {
    return this.room > 0;
  }
  send(response: KvWatchResponse): void {
    this.room--;
    this.responses.push(response);
  }
  reads(room: number): void {
    this.room = Math.max(this.room, room);
    this.watcher?.resume();
  }
  get events(): Plain[] {
    return this.responses.flatMap(({ events }) => plain(events) as Plain[]);
  }
}

function createOf(key: string, rangeEnd: string, more: Partial<KvWatchCreate> = {}): KvWatchCreate {
  const bytes = (latin1: string): Buffer => Buffer.from(latin1, 'latin1');
  return {
    key: bytes(key),
    rangeEnd: bytes(rangeEnd),
    startRevision: 0,
    progressNotify: false,
    filters: [],
    prevKv: false,
    watchId: 0,
    ...more,
  };
}

test('each watcher gets every event of its range once, in order, a revision as a whole, however slowly it reads', async () => {
  const client = fc.record({
    range: anyRange,
    startRevision: fc.constantFrom(0, 0, 1, 2, 5, 9),
    filters: fc.constantFrom<(0 | 1)[]>([], [], [0], [1]),
    from: fc.nat(10),
    reads: fc.array(fc.constantFrom(0, 0, 1, 2, 100), { minLength: 1, maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(kvHistory, fc.array(client, { minLength: 1, maxLength: 5 }), async (turns, drafts) => {
      const script = await Script.start();
      const { machine } = script;
      const model = new KvModel();
      const waiting: (() => void)[] = [];
      const hub = new KvWatchHub(machine, (run) => waiting.push(run));
      const clients: { client: Client; draft: (typeof drafts)[number]; start: number }[] = [];
      for (const [turn, { passMs, drafts: commands }] of turns.entries()) {
        for (const draft of drafts.filter(({ from }) => from === turn)) {
          const { range, startRevision, filters } = draft;
          const made = new Client();
          const create = {
            ...createOf('', ''),
            key: range.key,
            rangeEnd: range.rangeEnd,
            startRevision,
            filters,
          };
          made.watcher = hub.watch(clients.length, create, made).watcher;
          clients.push({ client: made, draft, start: startRevision || machine.kv.revision + 1 });
        }
        script.stampMs += passMs;
        model.nowMs += machine.appliedIndex === 0 ? 0 : passMs;
        const ops = commands.map((command) => command(model.revision, model.nowMs));
        for (const op of ops) model.do(op);
        model.endEntry();
        script.batch(ops.map((op) => ({ call: undefined, op })));
        hub.dispatch(script.changes);
        for (const { client, draft } of clients) client.reads(draft.reads[turn % draft.reads.length]!);
        for (const run of waiting.splice(0)) run();
      }
      for (const { client } of clients) client.reads(1000);
      while (waiting.length > 0) waiting.shift()!();
      for (const { client, draft, start } of clients) {
        const range = draft.range.key.length === 0 ? { ...draft.range, key: Buffer.alloc(1) } : draft.range;
        const all = model
          .since(start, range)
          .filter(({ type }) => !draft.filters.includes(type as 0 | 1))
          .map((event) => ({ ...event, prevKv: undefined }));
        const { compactRevision = 0 } = client.responses.find(({ canceled }) => canceled) ?? {};
        if (compactRevision === 0) expect(client.events).toEqual(all);
        else {
          expect(client.events).toEqual(all.slice(0, client.events.length));
          expect(compactRevision).toBeLessThanOrEqual(model.compacted);
        }
        const mains = client.responses.map(({ events }) => events.map(({ kv }) => kv!.modRevision));
        for (const [at, revisions] of mains.entries()) {
          const later = mains.slice(at + 1).flat();
          expect(later.some((main) => revisions.includes(main))).toBe(false);
        }
      }
    }),
    { numRuns: Number(process.env['AEGIS_PROPERTY_RUNS'] ?? 100) },
  );
}, 120_000);

test.each([999, 1000, 1001, 1002, 2500])(
  'a history of %i changes is read in pages, and what comes then follows it',
  async (count) => {
    const script = await Script.start();
    for (let at = 0; at < count; at++) script.do(kvOp.put('a', `${at}`));
    const waiting: (() => void)[] = [];
    const hub = new KvWatchHub(script.machine, (run) => waiting.push(run));
    const client = new Client();
    client.watcher = hub.watch(1, createOf('a', 'b', { startRevision: 1 }), client).watcher;
    client.reads(1000);
    for (let at = 0; at < 5; at++) {
      script.do(kvOp.put('a', `${count + at}`));
      hub.dispatch(script.changes);
      waiting.shift()?.();
    }
    const values = client.responses.flatMap(({ events }) => events.map(({ kv }) => kv!.value.toString()));
    expect(values).toEqual(Array.from({ length: count + 5 }, (_, at) => `${at}`));
  },
);

test('who does not read is told of a compaction that overtook it, and the others miss nothing', async () => {
  const script = await Script.start();
  const hub = new KvWatchHub(script.machine);
  const [slow, quick] = [new Client(), new Client()];
  for (const client of [slow, quick]) client.watcher = hub.watch(1, createOf('a', 'b'), client).watcher;
  quick.room = 1000;
  for (let value = 0; value < 50; value++) {
    script.do(kvOp.put('a', `${value}`));
    hub.dispatch(script.changes);
  }
  expect(quick.events).toHaveLength(50);
  expect(slow.responses).toEqual([]);
  expect(hub.behind).toBe(1);
  script.do(kvOp.compact(20));
  slow.reads(10);
  expect(slow.responses).toMatchObject([{ canceled: true, compactRevision: 20, events: [] }]);
  expect(hub.size).toBe(1);
});

test('progress is told to who asked for it and is not behind, and an ended watch hears nothing', async () => {
  const script = await Script.start();
  const hub = new KvWatchHub(script.machine);
  const [asked, silent] = [new Client(), new Client()];
  const { end } = hub.watch(7, createOf('a', '', { progressNotify: true }), asked);
  hub.watch(8, createOf('a', ''), silent);
  asked.room = silent.room = 10;
  script.do(kvOp.put('b', ''));
  hub.dispatch(script.changes);
  hub.progress();
  expect(asked.responses).toMatchObject([{ watchId: 7, revision: 2, events: [] }]);
  expect(silent.responses).toEqual([]);
  end();
  script.do(kvOp.put('a', ''));
  hub.dispatch(script.changes);
  expect(asked.responses).toHaveLength(1);
  expect(silent.events).toHaveLength(1);
});

test('the end of a range watch leaves the watches of its first key alone', async () => {
  const script = await Script.start();
  const hub = new KvWatchHub(script.machine);
  const client = new Client();
  client.room = 10;
  hub.watch(1, createOf('a', ''), client);
  hub.watch(2, createOf('a', 'b'), new Client()).end();
  script.do(kvOp.put('a', ''));
  hub.dispatch(script.changes);
  expect(client.events).toHaveLength(1);
});

test('changes that a snapshot brought are sent from its history, each once, before those that follow', async () => {
  const script = await Script.start();
  const waiting: (() => void)[] = [];
  const hub = new KvWatchHub(script.machine, (run) => waiting.push(run));
  const put = (value: number): void => void script.do(kvOp.put('a', `${value}`));
  const [quick, slow, future] = [new Client(), new Client(), new Client()];
  quick.room = future.room = 1000;
  for (const client of [quick, slow]) client.watcher = hub.watch(1, createOf('a', 'b'), client).watcher;
  future.watcher = hub.watch(1, createOf('a', 'b', { startRevision: 7 }), future).watcher;
  for (const value of [2, 3]) {
    put(value);
    hub.dispatch(script.changes);
  }
  // Nobody hands these out.
  for (const value of [4, 5]) put(value);
  hub.stateReplaced();
  for (const value of [6, 7]) {
    put(value);
    hub.dispatch(script.changes);
  }
  slow.reads(1000);
  while (waiting.length > 0) waiting.shift()!();
  const values = ({ responses }: Client): string[] =>
    responses.flatMap(({ events }) => events.map(({ kv }) => kv!.value.toString()));
  expect(values(quick)).toEqual(['2', '3', '4', '5', '6', '7']);
  expect(values(slow)).toEqual(['2', '3', '4', '5', '6', '7']);
  expect(values(future)).toEqual(['7']);
});
