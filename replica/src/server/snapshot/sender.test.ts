import { expect, test } from '@jest/globals';

import { message, MessageType, type RawNode } from '../../raft/index.js';
import { ManualEnvironment } from '../../sim/manual-environment.js';
import type { StateMachine } from '../../state/index.js';
import type { PeerTransport, SnapshotLinkEvents } from '../peer/transport.js';
import { silentSnapshotEvents } from './events.js';
import { SnapshotSender } from './sender.js';

/** A leader whose core asks for a snapshot again whenever one has failed, as cores do. */
function leading() {
  const environment = new ManualEnvironment();
  const dialled: SnapshotLinkEvents[] = [];
  const ask = (): void => sender.send(message({ type: MessageType.MsgSnap, to: 2, term: 1 }));
  async function* nothing(): AsyncGenerator<never> {}
  const sender: SnapshotSender = new SnapshotSender({
    origin: 1,
    raft: {
      basicStatus: () => ({ firstIndex: 1 }),
      reportSnapshot: (_to: number, ok: boolean) => {
        if (!ok) ask();
      },
    } as unknown as RawNode,
    state: {
      appliedIndex: 10,
      view: () => ({ version: 1, index: 10, term: 1, rows: nothing() }),
    } as unknown as StateMachine,
    transport: {
      dialSnapshot: (_to: number, events: SnapshotLinkEvents) => {
        dialled.push(events);
        return { send: () => {}, close: () => {} };
      },
    } as unknown as PeerTransport,
    environment,
    bytesPerSecond: 1e9,
    chunkBytes: 1,
    events: silentSnapshotEvents,
    schedule: () => {},
  });
  const refuse = (): void =>
    dialled.at(-1)!.frame({ $case: 'refused', value: { reason: 'the disk is full' } });
  return { sender, environment, dialled, ask, refuse };
}

test('a follower that refuses again and again is sent less and less often; one that took one, at once', () => {
  const w = leading();
  w.ask();
  for (const [at, holdMs] of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].entries()) {
    expect(w.dialled).toHaveLength(at + 1);
    w.refuse();
    w.environment.advance(holdMs - 1);
    expect(w.dialled).toHaveLength(at + 1);
    w.environment.advance(2);
  }
  w.dialled.at(-1)!.frame({ $case: 'held', value: {} });
  const before = w.dialled.length;
  w.ask();
  w.refuse();
  w.environment.advance(1001);
  expect(w.dialled).toHaveLength(before + 2);
  w.sender.cancelAll();
});
