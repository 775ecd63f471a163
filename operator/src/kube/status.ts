import type { KubeClient } from './client.js';
import { isConflict, isNotFound } from './errors.js';
import type { KubeObject } from './object.js';
import { apiVersionOf, type ResourceType } from './resource.js';

/**
 * Writes the status of this very object: one that was deleted, or made anew meanwhile, is left alone.
 * @param version only over this version of it, left alone as well when it is another one by now
 */
export async function applyStatus<T extends KubeObject & { readonly status?: object }>(
  { client, signal }: { readonly client: KubeClient; readonly signal: AbortSignal },
  type: ResourceType<T>,
  { metadata: { name, namespace, uid } }: T,
  status: NonNullable<T['status']>,
  version?: string,
): Promise<void> {
  const object = {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      ...{ name, namespace: namespace!, uid: uid! },
      ...(version === undefined ? {} : { resourceVersion: version }),
    },
    status,
  } as unknown as T;
  try {
    await client.apply(type, object, { subresource: 'status', signal });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

/** Whether two statuses say the same, whatever the order of their fields. */
export function sameStatus(a: object, b: object): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

/** Without the fields that have no value: they are left out on the wire. */
export function present<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Fields in one order at every depth. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}
