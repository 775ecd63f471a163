import type { KeyValue, KvRangeResponse, KvWatchResponse } from '@aegis/proto/v1/kv';
import { begin as beginLocks, settle, type Scene } from '../lock/lock-scene.js';

export { failureOf, settle, type Scene } from '../lock/lock-scene.js';

/** For tests: a client whose replica has welcomed it. */
export async function begin(): Promise<Scene> {
  const scene = beginLocks();
  void scene.client.ping().catch(() => undefined);
  scene.transport.newest.welcome();
  await settle(scene.clock);
  return scene;
}

export function keyValue(key: string, modRevision = 1, value = 'v'): KeyValue {
  const common = { createRevision: 1, version: 1, lease: '0' };
  return { ...common, key: Buffer.from(key), modRevision, value: Buffer.from(value) };
}

export function rangeAnswer(scene: Scene, answer: Partial<KvRangeResponse>): void {
  const { newest } = scene.transport;
  const value = { revision: 9, kvs: [], more: false, count: 0, ...answer };
  newest.answer(newest.last('kvRange').id, { $case: 'kvRange', value });
}

/** An event of the newest watch of the newest stream. */
export function watched(scene: Scene, response: Partial<KvWatchResponse>): void {
  const { newest } = scene.transport;
  const whole = { watchId: 0, created: false, canceled: false, compactRevision: 0, cancelReason: '' };
  const value = {
    watch: newest.last('kvWatch').id,
    response: { ...whole, revision: 0, events: [], ...response },
  };
  newest.event({ $case: 'kv', value });
}

/** Puts, as a watch tells of them. */
export function changes(...revisions: number[]): Partial<KvWatchResponse> {
  const events = revisions.map((revision) => ({
    type: 0 as const,
    kv: keyValue('k', revision),
    prevKv: undefined,
  }));
  return { revision: revisions.at(-1) ?? 0, events };
}
