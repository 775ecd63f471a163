import { describe, expect, test } from '@jest/globals';

import { ManualEnvironment } from '../../sim/manual-environment.js';
import type { StateView, StorageRow } from '../../state/index.js';
import type { PeerTransport, SnapshotBody, SnapshotLinkEvents } from '../peer/transport.js';
import { OutgoingSnapshot, type Sent } from './outgoing.js';

const OFFER = { id: 'a', term: 1, index: 10, logTerm: 1, stateVersion: 1 };
const ROW_BYTES = 108;

interface Dialled {
  readonly events: SnapshotLinkEvents;
  readonly said: SnapshotBody[];
  closed: boolean;
}

/** Rows of 108 bytes in a chunk, one a chunk; `read` counts how far the state was read. */
function sending(rows: number, bytesPerSecond = 1e9) {
  const environment = new ManualEnvironment();
  const links: Dialled[] = [];
  const ended: Sent[] = [];
  const reading = { rows: 0, freed: false };
  async function* all(): AsyncGenerator<StorageRow, void, undefined> {
    try {
      for (let at = 0; at < rows; at++) {
        reading.rows++;
        yield { key: new Uint8Array(50).fill(at), value: new Uint8Array(50) };
      }
    } finally {
      reading.freed = true;
    }
  }
  const view: StateView = { version: 1, index: 10, term: 1, rows: all() };
  const transport = {
    dialSnapshot: (_to: number, events: SnapshotLinkEvents) => {
      const dialled: Dialled = { events, said: [], closed: false };
      links.push(dialled);
      return {
        send: (body: SnapshotBody) => void dialled.said.push(body),
        close: () => (dialled.closed = true),
      };
    },
  } as unknown as PeerTransport;
  const world = { transport, environment, bytesPerSecond, chunkBytes: 1 };
  const outgoing = new OutgoingSnapshot(2, OFFER, view, world, (sent) => ended.push(sent));
  const settle = () =>
    new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  const wants = async (next: number): Promise<void> => {
    await settle();
    links.at(-1)!.events.frame({ $case: 'wanted', value: { next } });
    await settle();
  };
  const chunksOn = (link: number): number[] =>
    links[link]!.said.flatMap((body) => (body.$case === 'chunk' ? [body.value.number] : []));
  return { outgoing, environment, links, ended, reading, settle, wants, chunksOn };
}

describe('a snapshot on its way out', () => {
  test('no more than the window is read and sent before it is acknowledged', async () => {
    const w = sending(20);
    w.links[0]!.events.opened();
    await w.wants(0);
    expect(w.links[0]!.said[0]).toEqual({ $case: 'offer', value: OFFER });
    expect(w.chunksOn(0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(w.reading.rows).toBe(8);
    await w.wants(3);
    expect(w.chunksOn(0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await w.wants(11);
    await w.wants(19);
    await w.wants(20);
    expect(w.links[0]!.said.at(-1)).toMatchObject({ $case: 'end', value: { chunks: 20 } });
    expect(w.ended).toEqual([]);
    w.links[0]!.events.frame({ $case: 'held', value: {} });
    expect(w.ended).toEqual([{ ok: true, reason: 'installed', bytes: 20 * ROW_BYTES }]);
  });

  test('keeps to its rate', async () => {
    // A burst of 100 ms may leave at once: ten chunks a second, one of them and the one that closes the balance.
    const w = sending(8, 10 * ROW_BYTES);
    w.links[0]!.events.opened();
    await w.wants(0);
    const atOnce = w.chunksOn(0).length;
    expect(atOnce).toBeLessThanOrEqual(2);
    w.environment.advance(300);
    expect(w.chunksOn(0).length - atOnce).toBeGreaterThanOrEqual(2);
    expect(w.chunksOn(0).length - atOnce).toBeLessThanOrEqual(4);
  });

  test('goes on over another connection with what was not acknowledged', async () => {
    const w = sending(6);
    w.links[0]!.events.opened();
    await w.wants(0);
    await w.wants(2);
    w.links[0]!.events.closed('broke');
    w.environment.advance(300);
    expect(w.links).toHaveLength(2);
    w.links[1]!.events.opened();
    expect(w.links[1]!.said).toEqual([{ $case: 'offer', value: OFFER }]);
    await w.wants(3);
    expect(w.chunksOn(1)).toEqual([3, 4, 5]);
  });

  test('a connection on which nothing is heard is dialled anew, and in the end it is given up', async () => {
    const w = sending(6);
    w.environment.advance(11_000);
    expect(w.links[0]!.closed).toBe(true);
    expect(w.links).toHaveLength(2);
    w.environment.advance(50_000);
    await w.settle();
    expect(w.ended).toEqual([{ ok: false, reason: 'nothing was heard for 60000 ms', bytes: 0 }]);
    expect(w.reading.freed).toBe(true);
    const dialled = w.links.length;
    w.environment.advance(60_000);
    expect(w.links).toHaveLength(dialled);
  });

  test('a receiver that wants again what it had acknowledged has lost it: the transfer fails', async () => {
    const w = sending(6);
    w.links[0]!.events.opened();
    await w.wants(0);
    await w.wants(4);
    w.links[0]!.events.closed('broke');
    w.environment.advance(300);
    await w.wants(0);
    expect(w.ended).toMatchObject([{ ok: false, reason: 'chunk 0 is wanted again, and is no longer kept' }]);
  });

  test('a refusal ends it with its reason; a cancellation without a word; both free the view', async () => {
    const refused = sending(6);
    refused.links[0]!.events.frame({ $case: 'refused', value: { reason: 'not here' } });
    expect(refused.ended).toMatchObject([{ ok: false, reason: 'not here' }]);
    await refused.settle();
    expect(refused.reading.freed).toBe(true);

    const cancelled = sending(6);
    await cancelled.outgoing.cancel();
    expect(cancelled.reading.freed).toBe(true);
    expect(cancelled.links[0]!.closed).toBe(true);
    cancelled.environment.advance(100_000);
    expect(cancelled.ended).toEqual([]);
  });
});
