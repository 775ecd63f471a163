import { createHash } from 'node:crypto';
import { SnapshotFrame, type SnapshotOffer } from '@aegis/proto/replica/peer';

import { crc32c } from '../../log/index.js';
import type { RawNode } from '../../raft/index.js';
import { ManualEnvironment } from '../../sim/manual-environment.js';
import { MemoryStorage } from '../../state/index.js';
import type { SnapshotBody } from '../../server/peer/transport.js';
import { silentSnapshotEvents } from '../../server/snapshot/events.js';
import { SnapshotReceiver } from '../../server/snapshot/receiver.js';
import { ChunkBuilder, MalformedRows, readRows } from '../../server/snapshot/rows-codec.js';
import { accepts, same, type Target } from '../target.js';
import { CLUSTER, stateWithContents } from './fresh-state.js';

/** Of the event loop, in which a snapshot must be held or refused. */
const TURNS_MAX = 1000;

/** The bytes of a chunk. */
export const snapshotRows: Target = {
  name: 'snapshot-rows',
  shape: 'bytes',
  seeds: async () => [await rowsOfState()],
  run: (bytes) =>
    accepts(() => {
      const builder = new ChunkBuilder();
      for (const row of readRows(bytes)) builder.add(row);
      same(bytes, builder.take(), 'a chunk of rows');
    }, MalformedRows),
};

/**
 * The rows of a snapshot, offered, sent and installed by the real receiver, whose checksum and digest are right: what a
 * broken sender could send. It must refuse them, or hold them; the receiver itself turns every error into a refusal.
 */
export const snapshots: Target = {
  name: 'snapshots',
  shape: 'bytes',
  seeds: async () => [await rowsOfState()],
  run: async (rows) => {
    const { index } = await described();
    const offer: SnapshotOffer = { id: 'a', term: 5, index, logTerm: 1, stateVersion: 1 };
    const digest = createHash('sha256').update(rows).digest();
    const bodies: SnapshotBody[] = [
      { $case: 'offer', value: offer },
      { $case: 'chunk', value: { number: 0, rows, checksum: crc32c(rows) } },
      { $case: 'end', value: { chunks: 1, digest } },
    ];
    const answers: SnapshotBody[] = [];
    const receiver = new SnapshotReceiver({
      clusterId: CLUSTER,
      raft: { basicStatus: () => ({ term: 5, commit: 0 }) } as RawNode,
      environment: new ManualEnvironment(),
      folder: '7',
      folders: { create: async () => new MemoryStorage(), sync: async () => {}, remove: async () => {} },
      events: silentSnapshotEvents,
      needless: () => {},
      received: () => {},
    });
    const link = receiver.link(2, { send: (body) => void answers.push(body), close: () => {} });
    for (const body of bodies) {
      const bytes = SnapshotFrame.encode({ clusterId: CLUSTER, from: 2, to: 1, body }).finish();
      link.frame(SnapshotFrame.decode(bytes).body!);
    }
    const over = (): boolean => answers.some(({ $case }) => $case === 'held' || $case === 'refused');
    for (let turn = 0; turn < TURNS_MAX && !over(); turn++) await new Promise(setImmediate);
    if (!over()) throw new Error('the receiver neither holds nor refuses it');
    await receiver.stop();
    return answers.at(-1)!.$case === 'held';
  },
};

let known: { readonly index: number; readonly rows: Buffer } | undefined;

async function described() {
  if (known !== undefined) return known;
  const state = await stateWithContents();
  const builder = new ChunkBuilder();
  for await (const row of state.view().rows) builder.add(row);
  known = { index: state.appliedIndex, rows: builder.take() };
  return known;
}

async function rowsOfState(): Promise<Buffer> {
  return (await described()).rows;
}
