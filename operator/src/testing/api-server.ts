import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { applyPatch, mergePatch, selects, type Mutable, type StoredObject } from './objects.js';
import { forwardFrames, refuseUpgrade } from './port-forward.js';
import { Storage, type StoredEvent } from './storage.js';

/** The part of a request's path that names things. */
interface Place {
  readonly collection: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

class Refusal extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * A Kubernetes API server for tests: real HTTP, the paths and the meaning of get, list (in pages), watch (bookmarks, 410), create,
 * replace, apply, merge, delete, status, eviction, logs and port-forward for objects of any kind. It checks no schema and runs no controller.
 */
export class TestApiServer {
  readonly storage = new Storage();
  /** What each field manager applied, by object. */
  readonly #applied = new Map<string, Map<string, unknown>>();
  readonly #pages = new Map<string, { readonly rest: StoredObject[]; readonly version: number }>();
  readonly #server: Server;
  /** How often watches are told how far they have come. */
  bookmarkMs = 50;
  /** What pods have logged, by name; others have no log. */
  readonly logs = new Map<string, string>();
  /** Where on this machine the ports of pods are, by name: what port-forward reaches. */
  readonly ports = new Map<string, number>();
  /** Nobody may read these: a kind (`secrets`), or an object of it (`secrets/a`). */
  readonly forbidden = new Set<string>();
  /** Pods that a disruption budget protects now. */
  readonly protectedPods = new Set<string>();

  constructor() {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => refuse(response, error));
    });
    this.#server.on('upgrade', (request, socket: Socket) => {
      const {
        name = '',
        subresource,
        collection,
      } = placeOf(new URL(request.url!, 'http://localhost').pathname);
      const port = this.ports.get(name);
      const denied = this.#denied(collection, name) || this.forbidden.has('pods/portforward');
      if (denied) refuseUpgrade(socket, 403);
      else if (subresource !== 'portforward' || port === undefined) refuseUpgrade(socket, 404);
      else forwardFrames(request, socket, port);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  /** As etcd's compaction: watches and pages of older versions answer 410. */
  compact(): void {
    this.storage.compact();
    this.#pages.clear();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/version') return reply(response, 200, { gitVersion: 'v1.33.0' });
    const place = placeOf(url.pathname);
    if (this.#denied(place.collection, place.name)) {
      throw new Refusal(403, 'Forbidden', `${place.collection} is forbidden: User "test" cannot read it`);
    }
    if (place.subresource === 'log') return this.#log(place, response);
    if (request.method === 'GET' && place.name === undefined) {
      if (url.searchParams.get('watch') === 'true') this.#watch(place, url.searchParams, response);
      else reply(response, 200, this.#list(place, url.searchParams));
      return;
    }
    const body = await read(request);
    const [code, answer] = this.#change(request, place, url.searchParams, body);
    reply(response, code, answer);
  }

  #denied(collection: string, name: string | undefined): boolean {
    const kind = collection.slice(collection.lastIndexOf('/') + 1);
    return this.forbidden.has(kind) || (name !== undefined && this.forbidden.has(`${kind}/${name}`));
  }

  #log(place: Place, response: ServerResponse): void {
    const { name } = this.#existing({ ...place, subresource: undefined }).metadata;
    const log = this.logs.get(name);
    if (log === undefined) throw new Refusal(400, 'BadRequest', `container of pod "${name}" has not started`);
    response.writeHead(200, { 'content-type': 'text/plain' }).end(log);
  }

  #change(request: IncomingMessage, place: Place, query: URLSearchParams, body: Mutable): [number, unknown] {
    switch (request.method) {
      case 'GET':
        return [200, this.#existing(place)];
      case 'POST':
        return place.subresource === 'eviction'
          ? this.#evict(place)
          : [201, this.#create(place, body as StoredObject)];
      case 'PUT':
        return [200, this.#replace(place, body as StoredObject)];
      case 'PATCH':
        return request.headers['content-type'] === 'application/apply-patch+yaml'
          ? this.#apply(place, query.get('fieldManager') ?? '', body)
          : [200, this.#put(place, mergePatch(this.#existing(place), body) as StoredObject)];
      case 'DELETE': {
        const { metadata } = this.#existing(place);
        const { preconditions } = body as { preconditions?: { uid?: string } };
        if (preconditions?.uid !== undefined && preconditions.uid !== metadata.uid) {
          throw new Refusal(409, 'Conflict', 'the uid in the precondition is not the uid of the object');
        }
        this.storage.delete(place.collection, { namespace: place.namespace, name: place.name! });
        this.#applied.delete(appliedKey(place));
        return [200, { kind: 'Status', apiVersion: 'v1', status: 'Success' }];
      }
      default:
        throw new Refusal(405, 'MethodNotAllowed', `${request.method} is not supported`);
    }
  }

  #existing({ collection, namespace, name }: Place): StoredObject {
    const object = this.storage.get(collection, { namespace, name: name! });
    if (object === undefined) throw new Refusal(404, 'NotFound', `${collection} "${name}" not found`);
    return object;
  }

  #create(place: Place, object: StoredObject): StoredObject {
    const { collection, namespace } = place;
    const named = {
      ...object,
      metadata: { ...object.metadata, ...(namespace === undefined ? {} : { namespace }) },
    };
    if (this.storage.get(collection, named.metadata) !== undefined) {
      throw new Refusal(409, 'AlreadyExists', `${collection} "${named.metadata.name}" already exists`);
    }
    return this.storage.put(collection, named);
  }

  #replace(place: Place, object: StoredObject): StoredObject {
    const { metadata } = this.#existing(place);
    const asked = object.metadata.resourceVersion;
    if (asked !== undefined && asked !== metadata.resourceVersion) {
      throw new Refusal(
        409,
        'Conflict',
        `the object has been modified; please apply your changes to the latest version`,
      );
    }
    return this.#put(place, object);
  }

  /** A status is written by its own path only, and nothing else by that. */
  #put(place: Place, object: StoredObject): StoredObject {
    const before = this.storage.get(place.collection, { namespace: place.namespace, name: place.name! });
    const kept =
      place.subresource === 'status'
        ? { ...before, status: object['status'] }
        : { ...object, status: before?.['status'] };
    if (kept.status === undefined) delete (kept as Mutable)['status'];
    return this.storage.put(place.collection, kept as unknown as StoredObject);
  }

  #apply(place: Place, manager: string, applied: Mutable): [number, StoredObject] {
    if (manager === '') throw new Refusal(400, 'BadRequest', 'fieldManager is required for apply patch');
    const key = appliedKey(place);
    const managers = this.#applied.get(key) ?? new Map<string, unknown>();
    const before = this.storage.get(place.collection, { namespace: place.namespace, name: place.name! });
    const { resourceVersion } = (applied['metadata'] ?? {}) as { resourceVersion?: string };
    if (resourceVersion !== undefined && resourceVersion !== before?.metadata.resourceVersion) {
      throw new Refusal(409, 'Conflict', 'the object has been modified; please apply to the latest version');
    }
    const others = [...managers].filter(([other]) => other !== manager).map(([, theirs]) => theirs);
    const merged = applyPatch(before, applied, managers.get(manager), others) as StoredObject;
    this.#applied.set(key, managers.set(manager, applied));
    return before === undefined ? [201, this.#create(place, merged)] : [200, this.#put(place, merged)];
  }

  #evict(place: Place): [number, unknown] {
    const pod = this.#existing({ ...place, subresource: undefined });
    if (this.protectedPods.has(pod.metadata.name)) {
      throw new Refusal(
        429,
        'TooManyRequests',
        "Cannot evict pod as it would violate the pod's disruption budget.",
      );
    }
    this.storage.delete(place.collection, pod.metadata);
    return [201, { kind: 'Status', apiVersion: 'v1', status: 'Success' }];
  }

  #list({ collection, namespace }: Place, query: URLSearchParams): object {
    const token = query.get('continue');
    const page = token === null ? undefined : this.#pages.get(token);
    if (token !== null && page === undefined)
      throw new Refusal(410, 'Expired', 'The provided continue parameter is too old');
    const { rest, version } = page ?? {
      version: this.storage.version,
      rest: this.storage
        .list(collection)
        .filter(
          (each) =>
            (namespace === undefined || each.metadata.namespace === namespace) &&
            selects(query.get('labelSelector'), each),
        ),
    };
    const limit = Number(query.get('limit') ?? 0) || rest.length;
    const items = rest.slice(0, limit);
    const more = rest.slice(limit);
    const metadata: Mutable = { resourceVersion: String(version) };
    if (more.length > 0) {
      const next = `${version}-${collection}-${more[0]!.metadata.name}`;
      this.#pages.set(next, { rest: more, version });
      metadata['continue'] = next;
    }
    return { apiVersion: 'v1', kind: 'List', metadata, items };
  }

  #watch({ collection, namespace }: Place, query: URLSearchParams, response: ServerResponse): void {
    const from = Number(query.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const tell = (type: string, object: object): void =>
      void response.write(`${JSON.stringify({ type, object })}\n`);
    if (from < this.storage.compacted) {
      tell(
        'ERROR',
        statusOf(
          new Refusal(410, 'Expired', `too old resource version: ${from} (${this.storage.compacted})`),
        ),
      );
      response.end();
      return;
    }
    const on = (event: StoredEvent): void => {
      if (event.collection !== collection) return;
      const { metadata } = event.object;
      if (namespace !== undefined && metadata.namespace !== namespace) return;
      if (selects(query.get('labelSelector'), event.object)) tell(event.type, event.object);
    };
    const { past, stop } = this.storage.watch(from, on);
    for (const event of past) on(event);
    const bookmarks = setInterval(() => {
      tell('BOOKMARK', {
        kind: 'Bookmark',
        apiVersion: 'v1',
        metadata: { resourceVersion: String(this.storage.version) },
      });
    }, this.bookmarkMs);
    const end = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 300) * 1000);
    response.once('close', () => {
      clearInterval(bookmarks);
      clearTimeout(end);
      stop();
    });
  }
}

function placeOf(path: string): Place {
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  const root = parts[0] === 'api' ? parts.splice(0, 2) : parts.splice(0, 3);
  const namespace = parts[0] === 'namespaces' && parts.length > 2 ? parts.splice(0, 2)[1] : undefined;
  const [plural, name, subresource] = parts;
  if (plural === undefined) throw new Refusal(404, 'NotFound', `there is nothing at ${path}`);
  return { collection: `${root.slice(1, -1).join('/')}/${plural}`, namespace, name, subresource };
}

function appliedKey({ collection, namespace, name }: Place): string {
  return `${collection} ${namespace ?? ''}/${name}`;
}

async function read(request: IncomingMessage): Promise<Mutable> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Mutable);
}

function statusOf({ code, reason, message }: Refusal): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
}

function refuse(response: ServerResponse, error: unknown): void {
  const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
  reply(response, refusal.code, statusOf(refusal));
}

function reply(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
