import { describe, expect, test } from '@jest/globals';

import { LogError } from '../../log/index.js';
import {
  type Entry,
  type HardState,
  EntryType,
  LOCAL_APPEND_THREAD,
  message,
  type Message,
  MessageType,
} from '../../raft/index.js';
import { gather } from './gathered-writes.js';
import { LogWriter } from './log-writer.js';

const entry = (term: number, index: number): Entry => ({
  term,
  index,
  type: EntryType.Normal,
  data: new Uint8Array(),
});
const append = (fields: Partial<Message>): Message =>
  message({ type: MessageType.MsgStorageAppend, to: LOCAL_APPEND_THREAD, ...fields });
const places = (entries: readonly Entry[]): string[] => entries.map(({ term, index }) => `${term}/${index}`);

describe('gathering storage messages into one batch', () => {
  test('entries follow each other; the newest hard state wins', () => {
    const batch = gather([
      append({ entries: [entry(1, 5)], term: 1, vote: 2, commit: 4 }),
      append({ entries: [entry(1, 6)] }),
      append({ term: 2, vote: 3, commit: 4 }),
    ]);
    expect(places(batch.entries)).toEqual(['1/5', '1/6']);
    expect(batch.hardState).toEqual({ term: 2, vote: 3, commit: 4 });
  });

  test('a later message that overwrites the tail cuts it off', () => {
    const batch = gather([
      append({ entries: [entry(1, 5), entry(1, 6), entry(1, 7)] }),
      append({ entries: [entry(2, 6)] }),
    ]);
    expect(places(batch.entries)).toEqual(['1/5', '2/6']);
  });

  test('an overwrite from before the first gathered entry replaces all of it', () => {
    const batch = gather([
      append({ entries: [entry(1, 5), entry(1, 6)] }),
      append({ entries: [entry(2, 4), entry(2, 5)] }),
    ]);
    expect(places(batch.entries)).toEqual(['2/4', '2/5']);
  });

  test('a snapshot takes the place of what was gathered before it; entries follow it', () => {
    const confState = { voters: [1], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false };
    const snapshot = { data: Buffer.from('2'), metadata: { index: 9, term: 2, confState } };
    const batch = gather([
      append({ entries: [entry(1, 5), entry(1, 6)], term: 1, vote: 0, commit: 5 }),
      append({ snapshot, entries: [entry(2, 10)], term: 2, vote: 0, commit: 9 }),
    ]);
    expect(batch.snapshot).toBe(snapshot);
    expect(places(batch.entries)).toEqual(['2/10']);
    expect(batch.hardState).toEqual({ term: 2, vote: 0, commit: 9 });
  });
});

interface Written {
  readonly entries: readonly Entry[];
  readonly hardState: HardState | undefined;
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

describe('the log writer', () => {
  function world(commit?: number) {
    const written: HardState = { term: 3, vote: 1, commit: 4 };
    const batches: Written[] = [];
    const answered: Message[] = [];
    const failures: unknown[] = [];
    const writer = new LogWriter(
      {
        hardState: written,
        batchBytesMax: 1000,
        append: ({ entries, hardState }) =>
          new Promise((resolve, reject) => {
            batches.push({ entries, hardState, done: resolve, fail: reject });
          }),
      },
      written,
      () => 0,
      ({ responses }) => answered.push(...responses),
      (error) => failures.push(error),
      commit,
    );
    return { writer, batches, answered, failures };
  }
  const response = message({ type: MessageType.MsgAppResp, to: 2, from: 1, index: 5 });

  test('answers leave only after the sync, and what arrived meanwhile goes into the next batch together', async () => {
    const w = world();
    w.writer.add(append({ entries: [entry(1, 5)], responses: [response] }));
    w.writer.pump();
    w.writer.add(append({ entries: [entry(1, 6)], responses: [response] }));
    w.writer.add(append({ entries: [entry(1, 7)], responses: [response] }));
    w.writer.pump();
    expect(w.batches).toHaveLength(1);
    expect(w.answered).toEqual([]);
    w.batches[0]!.done();
    await Promise.resolve();
    expect(w.answered).toHaveLength(1);
    expect(w.batches.map(({ entries }) => places(entries))).toEqual([['1/5'], ['1/6', '1/7']]);
  });

  test('what is too much for one batch is written in several, and answered after the last', async () => {
    const w = world();
    const large = (index: number): Entry => ({ ...entry(1, index), data: new Uint8Array(600) });
    w.writer.add(
      append({ entries: [large(5), large(6)], term: 4, vote: 0, commit: 6, responses: [response] }),
    );
    w.writer.add(append({ entries: [large(7)] }));
    w.writer.pump();
    for (const [at, commit] of [5, 6, 6].entries()) {
      expect(w.answered).toEqual([]);
      expect(w.batches).toHaveLength(at + 1);
      expect(places(w.batches[at]!.entries)).toEqual([`1/${5 + at}`]);
      expect(w.batches[at]!.hardState).toEqual({ term: 4, vote: 0, commit });
      w.batches[at]!.done();
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    expect(w.answered).toHaveLength(1);
  });

  test('a commit index that must not be forgotten is written by itself, or with what is written anyway', async () => {
    const w = world();
    let settled = 0;
    const settle = (): void => w.writer.settleCommit(() => settled++);
    // What is on disk already needs no write.
    settle();
    w.writer.pump();
    expect({ settled, batches: w.batches.length }).toEqual({ settled: 1, batches: 0 });
    w.writer.add(append({ term: 3, vote: 1, commit: 9 }));
    w.writer.pump();
    expect(w.batches).toEqual([]);
    settle();
    w.writer.pump();
    expect(w.batches[0]).toMatchObject({ entries: [], hardState: { term: 3, vote: 1, commit: 9 } });
    expect(settled).toBe(1);
    // A later one waits for a write of its own.
    w.writer.add(append({ entries: [entry(3, 10)], term: 3, vote: 1, commit: 10 }));
    settle();
    w.writer.pump();
    w.batches[0]!.done();
    await Promise.resolve();
    expect({ settled, batches: w.batches.length }).toEqual({ settled: 2, batches: 2 });
    w.batches[1]!.done();
    await Promise.resolve();
    expect(settled).toBe(3);
  });

  test('what the state says to be committed at a start, and the log does not, is written too', () => {
    const w = world(7);
    w.writer.settleCommit(() => {});
    w.writer.pump();
    expect(w.batches[0]).toMatchObject({ entries: [], hardState: { term: 3, vote: 1, commit: 7 } });
  });

  test('a commit index alone is answered without a write, and travels with the next batch', () => {
    const w = world();
    w.writer.add(append({ term: 3, vote: 1, commit: 9, responses: [response] }));
    w.writer.pump();
    expect(w.batches).toEqual([]);
    expect(w.answered).toHaveLength(1);
    w.writer.add(append({ entries: [entry(3, 10)] }));
    w.writer.pump();
    expect(w.batches[0]!.hardState).toEqual({ term: 3, vote: 1, commit: 9 });
  });

  test('a commit index behind a write under way waits for it: its answers may speak of those entries', async () => {
    const w = world();
    w.writer.add(append({ entries: [entry(3, 5)] }));
    w.writer.pump();
    w.writer.add(append({ term: 3, vote: 1, commit: 5, responses: [response] }));
    w.writer.pump();
    expect(w.answered).toEqual([]);
    w.batches[0]!.done();
    await Promise.resolve();
    expect(w.answered).toHaveLength(1);
  });

  test.each([
    ['term', { term: 4, vote: 1, commit: 4 }],
    ['vote', { term: 3, vote: 2, commit: 4 }],
  ])('a new %s is written before it is answered', (_name, hardState) => {
    const w = world();
    w.writer.add(append({ ...hardState, responses: [response] }));
    w.writer.pump();
    expect(w.answered).toEqual([]);
    expect(w.batches[0]!.hardState).toEqual(hardState);
  });

  test('a batch that finds no room waits, answers nothing, and is written when it is tried again', async () => {
    const w = world();
    w.writer.add(append({ entries: [entry(1, 5)], responses: [response] }));
    w.writer.pump();
    w.batches[0]!.fail(new LogError('NO_SPACE'));
    await Promise.resolve();
    await Promise.resolve();
    expect(w.writer.stalled).toBe(true);
    w.writer.add(append({ entries: [entry(1, 6)], responses: [response] }));
    w.writer.pump();
    expect([w.answered, w.failures]).toEqual([[], []]);
    w.writer.retry();
    w.writer.retry();
    expect(w.batches.map(({ entries }) => places(entries))).toEqual([['1/5'], ['1/5']]);
    w.batches[1]!.done();
    await Promise.resolve();
    expect(w.writer.stalled).toBe(false);
    expect(w.answered).toHaveLength(1);
    expect(w.batches.map(({ entries }) => places(entries))).toEqual([['1/5'], ['1/5'], ['1/6']]);
  });

  test('a failed sync answers nothing and is told once', async () => {
    const w = world();
    w.writer.add(append({ entries: [entry(1, 5)], responses: [response] }));
    w.writer.pump();
    w.batches[0]!.fail(new Error('EIO'));
    await Promise.resolve();
    await Promise.resolve();
    w.writer.pump();
    expect(w.answered).toEqual([]);
    expect(w.failures).toHaveLength(1);
    expect(w.batches).toHaveLength(1);
  });
});
