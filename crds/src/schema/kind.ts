import type { CelRule } from './open-api.js';
import type { Schema } from './schema.js';

export const GROUP = 'aegis.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}` as const;
/** `kubectl get aegis` lists the objects of all kinds. */
export const CATEGORY = 'aegis';

/** A column of `kubectl get`. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 1: only with `-o wide`. */
  readonly priority?: 1;
}

/** One kind of objects: what its definition, its TypeScript type and its page of the reference are made from. */
export interface Kind<Spec = unknown, Status = unknown> {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: Schema<Spec>;
  readonly status: Schema<Status>;
  /** Rules over the whole object; of its metadata they see the name alone. */
  readonly rules?: readonly CelRule[];
  readonly columns: readonly Column[];
  /** Where `kubectl scale` reads and writes. */
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath: string;
  };
}

/** The metadata that AEGIS reads or writes. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** An object as the API server hands it out. */
export interface Resource<Spec, Status> {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: Spec;
  readonly status?: Status;
}

export function defineKind<Spec, Status>(
  kind: Omit<Kind, 'spec' | 'status'> & { readonly spec: Schema<Spec>; readonly status: Schema<Status> },
): Kind<Spec, Status> {
  return kind;
}
