import type { AegisCluster } from '@aegis/crds';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeClient } from '../kube/client.js';
import { RESOURCES } from '../kube/resource.js';
import { plainServer, type ApiServer } from '../kube/server.js';
import type { MembersPort } from '../observe/members-port.js';
import { reconcile } from '../reconcile/reconcile.js';
import { startContext, type TestContext } from './context.js';
import type { FakeKubernetes } from './fake-kubernetes.js';
import { QUICK, type Scene } from './scene.js';

/** Thrown where an operator dies. */
class Death extends Error {}

const CHANGES: ReadonlySet<string | symbol> = new Set([
  'add',
  'promote',
  'remove',
  'transfer',
  'setSettings',
]);

/**
 * An operator that dies before its (`writes` + 1)-th change, be it at the API server or at a member, and is started anew with nothing
 * but what these two know.
 */
export class MortalOperator {
  #context: TestContext | undefined;
  #left = 0;
  /** Changes that came to be, of all lives. */
  changes = 0;
  lives = 0;
  /** How far its clock is ahead of that of the pods, in milliseconds. */
  ageMs = 0;

  constructor(
    private readonly scene: Scene,
    private readonly world: FakeKubernetes,
    private readonly key: string,
    /** How many changes the next life makes. */
    private readonly writes: () => number,
  ) {}

  /** Looks and acts, turn by turn, until it holds; throws when it does not within so many. */
  async until(holds: (cluster: AegisCluster) => boolean, what: string, turns = 300): Promise<AegisCluster> {
    const [namespace, name] = this.key.split('/');
    for (let turn = 0; turn < turns; turn++) {
      this.world.turn();
      await this.#look();
      const cluster = await this.scene.client.get(RESOURCES.clusters, { namespace, name: name! });
      if (cluster !== undefined && holds(cluster)) return cluster;
    }
    const cluster = await this.scene.client.get(RESOURCES.clusters, { namespace, name: name! });
    throw new Error(
      `not within ${turns} turns: ${what}: ${JSON.stringify(cluster?.status?.conditions, null, 1)}`,
    );
  }

  stop(): void {
    this.#context?.stop();
    this.#context = undefined;
  }

  async #look(): Promise<void> {
    if (this.#context === undefined) {
      this.lives++;
      this.#left = this.writes();
      const client = new KubeClient(this.#mortal(plainServer(this.scene.proxy.url)), { retry: QUICK });
      const context = await startContext({ ...this.scene, client }, this.#members());
      this.#context = context;
    }
    this.#context.setNow(new Date(Date.now() + this.ageMs));
    try {
      await reconcile(this.#context, this.key);
    } catch (error) {
      if (!(error instanceof Death) && this.#left >= 0) throw error;
    }
    // Whoever swallowed it is dead all the same.
    if (this.#left < 0) this.stop();
    // Watches tell of changes within a moment.
    else await sleep(2);
  }

  #change(): void {
    if (--this.#left < 0) throw new Death('the operator is killed');
    this.changes++;
  }

  #mortal(server: ApiServer): ApiServer {
    return {
      url: server.url,
      authenticate: async (options) => {
        if (options.method !== 'GET') this.#change();
        await server.authenticate(options);
      },
    };
  }

  #members(): Partial<MembersPort> {
    const world: Partial<MembersPort> = this.world;
    return new Proxy(world, {
      get: (world, name) => {
        const call = world[name as keyof MembersPort] as ((...args: unknown[]) => unknown) | undefined;
        if (call === undefined) return undefined;
        return (...args: unknown[]) => {
          if (CHANGES.has(name)) this.#change();
          return call.apply(world, args);
        };
      },
    });
  }
}
