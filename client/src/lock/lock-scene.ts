import { connect, type Client } from '../client.js';
import { ManualClock } from '../clock/manual-clock.js';
import type { AegisError } from '../errors/index.js';
import { ScriptedTransport } from '../stream/scripted-transport.js';
import type { Held } from './held.js';

export const GRANTED = 1;
export const QUEUED = 2;
export const NOT_GRANTED = 3;
export const TTL_MS = 9_000;

export interface Scene {
  clock: ManualClock;
  transport: ScriptedTransport;
  client: Client;
}

export function begin(): Scene {
  const clock = new ManualClock();
  const transport = new ScriptedTransport();
  const options = { endpoints: ['a:1', 'b:1'], ttlMs: TTL_MS, random: () => 0 };
  return { clock, transport, client: connect({ ...options, transport, clock, timers: clock }) };
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(clock: ManualClock): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await Promise.resolve();
    clock.endTurn();
  }
}

export function acquired(scene: Scene, outcome: 1 | 2 | 3, token = 0): void {
  const { newest } = scene.transport;
  const value = { outcome, token, position: 0 };
  newest.answer(newest.last('lockAcquire').id, { $case: 'lockAcquire', value });
}

/** Opens the session of the first acquire. */
export async function openSession(scene: Scene, options = {}): Promise<{ asked: Promise<Held> }> {
  const asked = scene.client.lock('a', options).acquire();
  asked.catch(() => undefined);
  scene.transport.newest.welcome();
  await settle(scene.clock);
  scene.transport.newest.grant('77', TTL_MS);
  await settle(scene.clock);
  return { asked };
}

export async function hold(scene: Scene): Promise<Held> {
  const { asked } = await openSession(scene);
  acquired(scene, GRANTED, 5);
  return asked;
}

export async function failureOf(promise: Promise<unknown>): Promise<AegisError> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: AegisError) => error,
  );
}
