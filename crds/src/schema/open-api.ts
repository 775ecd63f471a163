/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A rule in the Common Expression Language, held by the API server at every write. */
export interface CelRule {
  /** Over `self`, and `oldSelf` where a change is judged. */
  readonly rule: string;
  /** What is wrong and what is allowed. One line. */
  readonly message: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired';
  /** Which field the message names, as `.replicas`. */
  readonly fieldPath?: string;
}

/** The part of OpenAPI v3 that a structural schema may use, as far as it is used here. */
export interface OpenApi {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  /** Of every field but `metadata`, whose description is Kubernetes' own. */
  readonly description?: string;
  readonly default?: Json;
  readonly enum?: readonly (string | number)[];
  readonly format?: 'date-time' | 'int64';
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: OpenApi;
  readonly properties?: Readonly<Record<string, OpenApi>>;
  readonly additionalProperties?: OpenApi;
  readonly required?: readonly string[];
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic';
  readonly 'x-kubernetes-validations'?: readonly CelRule[];
}
