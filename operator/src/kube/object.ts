import type { ObjectMeta } from '@aegis/crds';

/** Any object of the API, as JSON. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** Where an object is. Without a namespace: cluster-wide. */
export interface ObjectRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** Its place as one text, `namespace/name`: what caches and queues know it by. */
export function keyOf({ namespace, name }: ObjectRef): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function refOf(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/**
 * What a type of the client library looks like on the wire: moments are texts there, and the library's own names for words that
 * TypeScript keeps for itself (`_from`) have no underscore. Optional fields are absent, never undefined.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Wire<Item>[]
    : T extends object
      ? { readonly [K in keyof T as K extends `_${infer Name}` ? Name : K]: Wire<Exclude<T[K], undefined>> }
      : T;
