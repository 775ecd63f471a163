import { createHash, randomUUID } from 'node:crypto';
import type { KubeClient } from '../kube/client.js';
import { isAlreadyThere, isNotFound } from '../kube/errors.js';
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

/** How many different events are remembered, so that they are counted instead of repeated. */
const REMEMBERED_MAX = 1024;

/**
 * Events on objects, as `kubectl describe` shows them. The same event again raises the count of the one that is there. Whoever
 * says too much is cut short, and no event ever fails its caller. It needs the rights to create and to patch, and none to read.
 */
export class EventRecorder {
  readonly #client: KubeClient;
  readonly #component: string;
  readonly #onProblem: (error: unknown) => void;
  readonly #buckets = new TokenBuckets({ size: 25, refillMs: 20_000 });
  /** Counts by name. A process counts its own events only: their names have its mark. */
  readonly #counts = new Map<string, number>();
  readonly #mark = randomUUID();

  constructor(client: KubeClient, component: string, onProblem: (error: unknown) => void) {
    this.#client = client;
    this.#component = component;
    this.#onProblem = onProblem;
  }

  async record(about: KubeObject, { type, reason, message }: Recorded): Promise<void> {
    const { name: subject, namespace = 'default', uid = '' } = about.metadata;
    if (!this.#buckets.take(uid, performance.now())) return;
    const said = message.slice(0, MESSAGE_CHARACTERS_MAX);
    const digest = createHash('sha256').update(JSON.stringify([uid, type, reason, said, this.#mark]));
    const name = `${subject.slice(0, 200)}.${digest.digest('hex').slice(0, 16)}`;
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    const count = this.#count(name);
    const { apiVersion, kind } = about;
    try {
      if (count > 1) {
        await this.#client.merge(RESOURCES.events, { namespace, name }, { count, lastTimestamp: now });
        return;
      }
      await this.#client.create(RESOURCES.events, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: { apiVersion, kind, name: subject, namespace, uid },
        type,
        reason,
        message: said,
        count,
        firstTimestamp: now,
        lastTimestamp: now,
        source: { component: this.#component },
        reportingComponent: this.#component,
        reportingInstance: this.#component,
      });
    } catch (error) {
      // The API server forgets events after an hour: the next one is a first one again.
      if (isNotFound(error)) this.#counts.delete(name);
      else if (!isAlreadyThere(error)) this.#onProblem(error);
    }
  }

  #count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.delete(name);
    this.#counts.set(name, count);
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= REMEMBERED_MAX) break;
      this.#counts.delete(oldest);
    }
    return count;
  }
}
