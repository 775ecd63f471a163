import { createHash } from 'node:crypto';
import type { KubeClient } from '../kube/client.js';
import { isAlreadyThere } from '../kube/errors.js';
import type { KubeObject } from '../kube/object.js';
import { RESOURCES } from '../kube/resource.js';
import { TokenBuckets } from './token-buckets.js';

export interface Recorded {
  readonly type: 'Normal' | 'Warning';
  /** One word, as LeaderMoved. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;
}

const MESSAGE_CHARACTERS_MAX = 1024;

/**
 * Events on objects, as `kubectl describe` shows them. The same event again raises the count of the one that is there, after a
 * restart too: its name is made of what it says. Whoever says too much is cut short, and no event ever fails its caller.
 */
export class EventRecorder {
  readonly #client: KubeClient;
  readonly #component: string;
  readonly #onProblem: (error: unknown) => void;
  readonly #buckets = new TokenBuckets({ size: 25, refillMs: 20_000 });

  constructor(client: KubeClient, component: string, onProblem: (error: unknown) => void) {
    this.#client = client;
    this.#component = component;
    this.#onProblem = onProblem;
  }

  async record(about: KubeObject, { type, reason, message }: Recorded): Promise<void> {
    const { name: subject, namespace = 'default', uid = '' } = about.metadata;
    if (!this.#buckets.take(uid, performance.now())) return;
    const said = message.slice(0, MESSAGE_CHARACTERS_MAX);
    const digest = createHash('sha256').update(JSON.stringify([uid, type, reason, said, this.#component]));
    const name = `${subject.slice(0, 200)}.${digest.digest('hex').slice(0, 16)}`;
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    const { apiVersion, kind } = about;
    try {
      await this.#client.create(RESOURCES.events, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: { apiVersion, kind, name: subject, namespace, uid },
        type,
        reason,
        message: said,
        count: 1,
        firstTimestamp: now,
        lastTimestamp: now,
        source: { component: this.#component },
        reportingComponent: this.#component,
        reportingInstance: this.#component,
      });
    } catch (error) {
      if (isAlreadyThere(error)) await this.#again({ namespace, name }, now);
      else this.#onProblem(error);
    }
  }

  async #again(
    ref: { readonly namespace: string; readonly name: string },
    lastTimestamp: string,
  ): Promise<void> {
    try {
      const event = await this.#client.get(RESOURCES.events, ref);
      if (event !== undefined) {
        await this.#client.merge(RESOURCES.events, ref, { count: (event.count ?? 1) + 1, lastTimestamp });
      }
    } catch (error) {
      this.#onProblem(error);
    }
  }
}
