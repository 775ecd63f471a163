import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { SnapshotOffer } from '@aegis/proto/replica/peer';

import { crc32c } from '../../log/index.js';
import type { RawNode } from '../../raft/index.js';
import { ManualEnvironment } from '../../sim/manual-environment.js';
import { MemoryStorage, StateMachine, type StateStorage } from '../../state/index.js';
import type { SnapshotBody } from '../peer/transport.js';
import { silentSnapshotEvents } from './events.js';
import type { Candidate } from './installer.js';
import { SnapshotReceiver } from './receiver.js';
import { ChunkBuilder } from './rows-codec.js';

const CLUSTER = 'ours';

async function stateOf(clusterId: string, index: number): Promise<StateMachine> {
  const state = await StateMachine.open(new MemoryStorage());
  await state.bootstrap({
    clusterId,
    members: [],
    confState: { voters: [1, 2], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
    removedNonces: [],
    nextMemberId: 3,
  });
  for (let i = 1; i <= index; i++) state.apply({ term: 1, index: i, data: new Uint8Array() });
  return state;
}

/** Room for so many writes. */
class Disk {
  room = Infinity;

  take(): void {
    if (this.room-- <= 0) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  }
}

class FullStorage extends MemoryStorage {
  constructor(private readonly disk: Disk) {
    super();
  }

  override async write(...args: Parameters<StateStorage['write']>): Promise<void> {
    this.disk.take();
    await super.write(...args);
  }
}

/** A snapshot as a sender would cut it, a row a chunk. */
async function framesOf(state: StateMachine) {
  const chunks: { number: number; rows: Buffer; checksum: number }[] = [];
  const digest = createHash('sha256');
  for await (const row of state.view().rows) {
    const builder = new ChunkBuilder();
    builder.add(row);
    const rows = builder.take();
    digest.update(rows);
    chunks.push({ number: chunks.length, rows, checksum: crc32c(rows) });
  }
  const { appliedIndex: index, appliedTerm: logTerm, version: stateVersion } = state;
  const offer: SnapshotOffer = { id: 'a', term: 5, index, logTerm, stateVersion };
  return { offer, chunks, end: { chunks: chunks.length, digest: digest.digest() } };
}

function receiving(commit = 3) {
  const folders = new Map<string, StateStorage>();
  const synced: string[] = [];
  const received: Candidate[] = [];
  const refusals: string[] = [];
  const needless: string[] = [];
  const disk = new Disk();
  const receiver = new SnapshotReceiver({
    clusterId: CLUSTER,
    raft: { basicStatus: () => ({ term: 5, commit }) } as RawNode,
    environment: new ManualEnvironment(),
    folder: '7',
    folders: {
      create: async (name) => {
        const storage = new FullStorage(disk);
        folders.set(name, storage);
        disk.take();
        return storage;
      },
      sync: async (name) => void synced.push(name),
      remove: async (name) => void folders.delete(name),
    },
    events: { ...silentSnapshotEvents, refused: (_from, reason) => refusals.push(reason) },
    needless: (_from, { id }) => void needless.push(id),
    received: (_from, _offer, candidate) => {
      expect(synced).toEqual([candidate.folder]);
      received.push(candidate);
    },
  });
  const dial = () => {
    const answers: SnapshotBody[] = [];
    const link = { send: (body: SnapshotBody) => void answers.push(body), close: () => {} };
    const events = receiver.link(1, link);
    const say = async (body: SnapshotBody): Promise<SnapshotBody | undefined> => {
      const before = answers.length;
      events.frame(body);
      for (let turn = 0; turn < 20 && answers.length === before; turn++)
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      return answers.length === before ? undefined : answers.at(-1);
    };
    /** So many at once; what is answered before anything is worked off. */
    const flood = (body: SnapshotBody, times: number): SnapshotBody[] => {
      const before = answers.length;
      for (let time = 0; time < times; time++) events.frame(body);
      return answers.slice(before);
    };
    return { say, flood, broke: () => events.closed('broke') };
  };
  return { receiver, folders, received, refusals, needless, dial, disk };
}

const wanted = (next: number): SnapshotBody => ({ $case: 'wanted', value: { next } });

describe('what a replica does with a snapshot that comes in', () => {
  test('takes it whole into a fresh folder, and hands it over when it is durable', async () => {
    const sent = await stateOf(CLUSTER, 9);
    const { offer, chunks, end } = await framesOf(sent);
    const w = receiving();
    const { say } = w.dial();
    expect(await say({ $case: 'offer', value: offer })).toEqual(wanted(0));
    for (const chunk of chunks)
      expect(await say({ $case: 'chunk', value: chunk })).toEqual(wanted(chunk.number + 1));
    expect(await say({ $case: 'end', value: end })).toEqual({ $case: 'held', value: {} });
    expect(w.received).toHaveLength(1);
    expect(w.received[0]!.folder).toBe('8');
    expect(w.received[0]!.machine.hash).toBe(sent.hash);
    // The sender may not have heard it: the same offer again is answered at once.
    expect(await w.dial().say({ $case: 'offer', value: offer })).toEqual({ $case: 'held', value: {} });
    expect(w.received).toHaveLength(1);
  });

  test('goes on over another connection where the first one broke; a chunk that came is passed over', async () => {
    const { offer, chunks, end } = await framesOf(await stateOf(CLUSTER, 9));
    const w = receiving();
    const first = w.dial();
    await first.say({ $case: 'offer', value: offer });
    await first.say({ $case: 'chunk', value: chunks[0]! });
    first.broke();
    const second = w.dial();
    expect(await second.say({ $case: 'offer', value: offer })).toEqual(wanted(1));
    expect(await second.say({ $case: 'chunk', value: chunks[0]! })).toEqual(wanted(1));
    await second.say({ $case: 'chunk', value: chunks[1]! });
    expect((await second.say({ $case: 'end', value: end }))?.$case).toBe('held');
    expect([...w.folders.keys()]).toEqual(['8']);
  });

  test.each<[string, (frames: Awaited<ReturnType<typeof framesOf>>) => SnapshotBody[], RegExp]>([
    [
      'damaged in the middle',
      ({ offer, chunks }) => {
        const rows = Buffer.from(chunks[1]!.rows);
        rows[rows.length - 1]! ^= 1;
        return [
          { $case: 'offer', value: offer },
          { $case: 'chunk', value: chunks[0]! },
          { $case: 'chunk', value: { ...chunks[1]!, rows } },
        ];
      },
      /chunk 1 is damaged: its checksum is \d+, not \d+/,
    ],
    [
      'cut in the middle',
      ({ offer, chunks, end }) => [
        { $case: 'offer', value: offer },
        { $case: 'chunk', value: chunks[0]! },
        { $case: 'end', value: end },
      ],
      /1 chunks came, not 2/,
    ],
    [
      'with a gap',
      ({ offer, chunks }) => [
        { $case: 'offer', value: offer },
        { $case: 'chunk', value: chunks[1]! },
      ],
      /chunk 1 came where 0 was due/,
    ],
    [
      'damaged before it was cut into chunks that are whole',
      ({ offer, chunks, end }) => [
        { $case: 'offer', value: offer },
        ...chunks.map((value) => ({ $case: 'chunk' as const, value })),
        { $case: 'end', value: { ...end, digest: Buffer.alloc(32) } },
      ],
      /digest of what came is not that of what was sent/,
    ],
    [
      'offered as what it is not',
      ({ offer, chunks, end }) => [
        { $case: 'offer', value: { ...offer, index: 12 } },
        ...chunks.map((value) => ({ $case: 'chunk' as const, value })),
        { $case: 'end', value: end },
      ],
      /holds 1\/9 and was offered as 1\/12/,
    ],
    [
      'from a newer version',
      ({ offer }) => [{ $case: 'offer', value: { ...offer, stateVersion: 99 } }],
      /of state machine version 99, and this replica knows \d+/,
    ],
    [
      'from a leader of the past',
      ({ offer }) => [{ $case: 'offer', value: { ...offer, term: 4 } }],
      /its sender led term 4, and this is term 5/,
    ],
    ['that nobody offered', ({ chunks }) => [{ $case: 'chunk', value: chunks[0]! }], /was not offered/],
  ])('one %s is refused with the reason, and leaves nothing', async (_what, bodies, reason) => {
    const w = receiving();
    const { say } = w.dial();
    let answer: SnapshotBody | undefined;
    for (const body of bodies(await framesOf(await stateOf(CLUSTER, 9)))) answer = await say(body);
    await w.receiver.stop();
    expect(answer).toMatchObject({ $case: 'refused', value: { reason: expect.stringMatching(reason) } });
    expect(w.refusals).toHaveLength(1);
    expect(w.received).toEqual([]);
    expect([...w.folders.keys()]).toEqual([]);
  });

  test('one that ends where everything is committed is not taken in, and the core tells so', async () => {
    const w = receiving();
    const { offer } = await framesOf(await stateOf(CLUSTER, 3));
    expect(await w.dial().say({ $case: 'offer', value: offer })).toMatchObject({ $case: 'held' });
    await w.receiver.stop();
    expect(w.needless).toEqual([offer.id]);
    expect(w.refusals).toEqual([]);
    expect([...w.folders.keys()]).toEqual([]);
  });

  test('a full disk, at whatever write: refused, nothing is left, and the next try finds room', async () => {
    const { offer, chunks, end } = await framesOf(await stateOf(CLUSTER, 9));
    const bodies: SnapshotBody[] = [
      { $case: 'offer', value: offer },
      ...chunks.map((value) => ({ $case: 'chunk' as const, value })),
      { $case: 'end', value: end },
    ];
    for (let room = 0; ; room++) {
      const w = receiving();
      w.disk.room = room;
      const full = w.dial();
      let answer: SnapshotBody | undefined;
      for (const body of bodies) {
        answer = await full.say(body);
        if (answer?.$case === 'refused') break;
      }
      if (answer?.$case === 'held') {
        expect(room).toBeGreaterThan(2);
        return;
      }
      expect(answer).toMatchObject({ $case: 'refused', value: { reason: expect.stringMatching(/ENOSPC/) } });
      await w.receiver.settled;
      expect([...w.folders.keys()]).toEqual([]);
      w.disk.room = Infinity;
      const again = w.dial();
      for (const body of bodies) answer = await again.say(body);
      expect(answer?.$case).toBe('held');
      expect(w.received).toHaveLength(1);
    }
  });

  test('a sender that does not wait for acknowledgements is turned away before it fills the memory', async () => {
    const { offer, chunks } = await framesOf(await stateOf(CLUSTER, 9));
    const w = receiving();
    const { say, flood } = w.dial();
    await say({ $case: 'offer', value: offer });
    const answers = flood({ $case: 'chunk', value: chunks[0]! }, 1000);
    expect(answers).toEqual([
      { $case: 'refused', value: { reason: expect.stringMatching(/does not wait: 20 frames/) } },
    ]);
    await w.receiver.settled;
    expect(w.refusals).toHaveLength(1);
    expect([...w.folders.keys()]).toEqual([]);
    expect(await w.dial().say({ $case: 'offer', value: { ...offer, id: 'b' } })).toEqual(wanted(0));
  });

  test('one of another cluster is refused even when all else is right', async () => {
    const { offer, chunks, end } = await framesOf(await stateOf('theirs', 9));
    const w = receiving();
    const { say } = w.dial();
    await say({ $case: 'offer', value: offer });
    for (const chunk of chunks) await say({ $case: 'chunk', value: chunk });
    const answer = await say({ $case: 'end', value: end });
    await w.receiver.stop();
    expect(answer).toEqual({
      $case: 'refused',
      value: { reason: 'it is of cluster theirs, and this one is ours' },
    });
    expect(w.received).toEqual([]);
    expect([...w.folders.keys()]).toEqual([]);
  });
});
