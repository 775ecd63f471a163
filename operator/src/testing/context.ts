import { makeCaches, runCaches, untilSynced } from '../cache/caches.js';
import { ConfigSources } from '../config-source/index.js';
import type { Context } from '../context.js';
import type { Recorded } from '../events/recorder.js';
import type { MembersPort } from '../observe/members-port.js';
import type { Scene } from './scene.js';

/** What reconciling works with, on an API server for tests; the members are the test's own. */
export interface TestContext extends Context {
  readonly events: readonly Recorded[];
  /** Wall clock. */
  setNow(time: Date): void;
  stop(): void;
}

/** @param members the calls that the test expects; any other one throws */
export async function startContext(scene: Scene, members: Partial<MembersPort>): Promise<TestContext> {
  const abort = new AbortController();
  const caches = makeCaches([scene.namespace]);
  void runCaches(caches, scene.client, () => undefined, abort.signal);
  await untilSynced(caches);
  const events: Recorded[] = [];
  let now = new Date('2026-11-25T12:00:00Z');
  return {
    client: scene.client,
    caches,
    members: new Proxy(members, {
      get: (target, name) => {
        const call = target[name as keyof MembersPort];
        if (call === undefined) throw new Error(`members.${String(name)} was not expected`);
        return call;
      },
    }) as MembersPort,
    configSources: new ConfigSources({ agentLogins: [] }),
    memberImage: 'aegis:test',
    verifierImage: 'aegis-operator:test',
    operatorPods: { namespace: 'aegis-system', labels: {} },
    now: () => now,
    record: (_about, event) => {
      events.push(event);
      return Promise.resolve();
    },
    onStep: () => undefined,
    onCertificates: () => undefined,
    signal: abort.signal,
    events,
    setNow: (time) => {
      now = time;
    },
    stop: () => abort.abort(),
  };
}
