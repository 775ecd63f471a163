import type { IncomingMessage } from 'node:http';
import { ConnectionError, errorOf, isNotFound } from './errors.js';
import { exchange, readBody, type Call } from './exchange.js';
import type { KubeObject, ObjectRef } from './object.js';
import { apiVersionOf, pathOf, type ResourceType } from './resource.js';
import { RETRY, withRetries, type RetryPolicy } from './retry.js';
import type { ApiServer } from './server.js';
import { readWatch, type WatchEvent } from './watch.js';

export interface KubeClientOptions {
  readonly retry?: RetryPolicy;
  /** How long one answer may take. */
  readonly timeoutMs?: number;
  /** What may be written under: the owner of the fields that are applied. */
  readonly fieldManager?: string;
  /** Told of every request that was answered or failed: its verb, and the status of the answer, or 0. */
  readonly onRequest?: (verb: string, code: number) => void;
}

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** Absent on the last page. */
  readonly continue?: string;
}

export interface Selection {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
}

export interface DeleteOptions {
  /** Only this very object, not one of the same name that came after it. */
  readonly uid?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
}

/** How a watch goes on. Bookmarks come about once a minute, so that longer silence means a dead connection. */
const WATCH_SECONDS_MIN = 240;
const WATCH_SECONDS_MAX = 300;
const WATCH_SILENCE_MS = 150_000;

/** A client of the API for objects of any kind, as plain JSON. Passing failures are retried in here. */
export class KubeClient {
  readonly #server: ApiServer;
  readonly #retry: RetryPolicy;
  readonly #timeoutMs: number;
  readonly #fieldManager: string;
  readonly #onRequest: (verb: string, code: number) => void;

  constructor(server: ApiServer, options: KubeClientOptions = {}) {
    this.#server = server;
    this.#retry = options.retry ?? RETRY;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#fieldManager = options.fieldManager ?? 'aegis-operator';
    this.#onRequest = options.onRequest ?? (() => undefined);
  }

  /** Undefined: there is no such object. */
  async get<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    try {
      return await this.#ask<T>({ method: 'GET', path: pathOf(type, ref), signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** One page, as of the newest version unless it continues another page. */
  async list<T extends KubeObject>(
    type: ResourceType<T>,
    selection: Selection & { readonly limit?: number; readonly continue?: string | undefined },
    signal?: AbortSignal,
  ): Promise<ListPage<T>> {
    const { namespace, labelSelector, limit = 500 } = selection;
    const query = { limit: String(limit), labelSelector, continue: selection.continue };
    const answer = await this.#ask<{ items?: T[]; metadata: { resourceVersion: string; continue?: string } }>(
      {
        method: 'GET',
        path: pathOf(type, { namespace }),
        query,
        signal,
      },
    );
    const { resourceVersion, continue: more } = answer.metadata;
    // Items of a list come without saying what they are.
    const named = { apiVersion: apiVersionOf(type), kind: type.kind };
    const items = (answer.items ?? []).map((item) => ({ ...named, ...item }));
    return { items, resourceVersion, ...(more === undefined || more === '' ? {} : { continue: more }) };
  }

  create<T extends KubeObject>(type: ResourceType<T>, object: T, signal?: AbortSignal): Promise<T> {
    const { namespace } = object.metadata;
    const query = { fieldManager: this.#fieldManager };
    return this.#ask<T>({ method: 'POST', path: pathOf(type, { namespace }), query, body: object, signal });
  }

  /** Replaces the object, or its status alone, if its version is still the given one; otherwise a conflict. */
  replace<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    signal?: AbortSignal,
    subresource?: 'status',
  ): Promise<T> {
    const query = { fieldManager: this.#fieldManager };
    const path = pathOf(type, { ...object.metadata, subresource });
    return this.#ask<T>({ method: 'PUT', path, query, body: object, signal });
  }

  /**
   * Server-side apply: the object is to have these fields with these values, and those that were applied before and are not in it
   * any more are taken away. Fields of others stay; where both claim one, it becomes ours.
   */
  apply<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    { subresource, signal }: { readonly subresource?: 'status'; readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    return this.#ask<T>({
      method: 'PATCH',
      path: pathOf(type, { ...object.metadata, subresource }),
      query: { fieldManager: this.#fieldManager, force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: object,
      signal,
    });
  }

  /** Changes just these fields; null takes one away. */
  merge<T extends KubeObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    change: object,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#ask<T>({
      method: 'PATCH',
      path: pathOf(type, ref),
      query: { fieldManager: this.#fieldManager },
      contentType: 'application/merge-patch+json',
      body: change,
      signal,
    });
  }

  /** An object that is not there counts as deleted. */
  async delete(
    type: ResourceType,
    ref: ObjectRef,
    options: DeleteOptions = {},
    signal?: AbortSignal,
  ): Promise<void> {
    const { uid, gracePeriodSeconds, propagationPolicy } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(uid === undefined ? {} : { preconditions: { uid } }),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    };
    try {
      await this.#ask({ method: 'DELETE', path: pathOf(type, ref), body, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /**
   * Asks for a pod's end by the Eviction API, which keeps to disruption budgets. 429 is its answer when a budget forbids it now,
   * and is not retried here: by then another pod may be the better one.
   */
  async evict(pod: ObjectRef & { readonly uid?: string }, signal?: AbortSignal): Promise<void> {
    const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace!)}/pods/${encodeURIComponent(pod.name)}/eviction`;
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod.name, namespace: pod.namespace },
      ...(pod.uid === undefined ? {} : { deleteOptions: { preconditions: { uid: pod.uid } } }),
    };
    await this.#ask(
      { method: 'POST', path, body, signal },
      (error) => (error as { code?: number }).code === 429,
    );
  }

  /** The changes after a version, until the server ends the answer. Not retried: whoever keeps the cache knows where to go on. */
  async *watch<T extends KubeObject>(
    type: ResourceType<T>,
    selection: Selection,
    resourceVersion: string,
    signal?: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    const { namespace, labelSelector } = selection;
    const spread = WATCH_SECONDS_MAX - WATCH_SECONDS_MIN;
    const timeoutSeconds = String(WATCH_SECONDS_MIN + Math.floor(Math.random() * spread));
    const path = pathOf(type, { namespace });
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion,
      labelSelector,
      timeoutSeconds,
    };
    const call: Call = { method: 'GET', path, query, signal, timeoutMs: this.#timeoutMs };
    const response = await this.#exchange(call, 'WATCH');
    if (response.statusCode !== 200) throw await this.#refusal(response, `watch ${path}`);
    yield* readWatch<T>(response, `watch ${path}`, WATCH_SILENCE_MS, signal);
  }

  #ask<T>(call: Omit<Call, 'timeoutMs'>, final?: (error: unknown) => boolean): Promise<T> {
    const what = `${call.method} ${call.path}`;
    const once = async (): Promise<T> => {
      const response = await this.#exchange({ ...call, timeoutMs: this.#timeoutMs }, call.method);
      if ((response.statusCode ?? 0) >= 300) throw await this.#refusal(response, what);
      const body = await readBody(response, what, this.#timeoutMs);
      try {
        return JSON.parse(body) as T;
      } catch (error) {
        throw new ConnectionError(`${what}: the answer is no JSON`, { cause: error });
      }
    };
    return withRetries(this.#retry, call.signal, once, final);
  }

  async #exchange(call: Call, verb: string): Promise<IncomingMessage> {
    try {
      const response = await exchange(this.#server, call);
      this.#onRequest(verb, response.statusCode ?? 0);
      return response;
    } catch (error) {
      this.#onRequest(verb, 0);
      throw error;
    }
  }

  async #refusal(response: IncomingMessage, what: string) {
    const body = await readBody(response, what, this.#timeoutMs);
    return errorOf(response.statusCode ?? 0, body, response.headers['retry-after'], what);
  }
}
