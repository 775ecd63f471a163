import type { CelRule, Json, OpenApi } from './open-api.js';
import type { Fields, Optional, Schema, ShapeOf } from './schema.js';

export interface GroupOptions {
  /** Filled in where the group itself is missing; `{}` lets its fields' own defaults speak. */
  readonly default?: Json;
  readonly rules?: readonly CelRule[];
  readonly minFields?: number;
  readonly maxFields?: number;
}

/** An object with named fields. */
export function group<const F extends Fields>(
  description: string,
  fields: F,
  options: GroupOptions = {},
): Schema<ShapeOf<F>> {
  const { default: value, rules, minFields, maxFields } = options;
  const properties: Record<string, OpenApi> = {};
  const required: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const { openApi } = isOptional(field) ? field.optional : field;
    properties[name] = openApi;
    if (!isOptional(field) && openApi.default === undefined) required.push(name);
  }
  return {
    openApi: {
      type: 'object',
      description,
      ...(value === undefined ? {} : { default: value }),
      ...(minFields === undefined ? {} : { minProperties: minFields }),
      ...(maxFields === undefined ? {} : { maxProperties: maxFields }),
      properties,
      ...(required.length === 0 ? {} : { required }),
      ...(rules === undefined ? {} : { 'x-kubernetes-validations': rules }),
    },
  };
}

function isOptional(field: Schema<unknown> | Optional<Schema<unknown>>): field is Optional<Schema<unknown>> {
  return 'optional' in field;
}

export interface ListOptions {
  readonly max: number;
  readonly min?: number;
  readonly default?: readonly Json[];
  /**
   * How server-side apply merges it. `atomic`: as a whole. `set`: scalars, each once. A name or names of fields: one entry
   * for each of their values.
   */
  readonly merge?: 'atomic' | 'set' | { readonly by: readonly string[] };
  readonly rules?: readonly CelRule[];
}

export function list<T>(
  description: string,
  item: Schema<T>,
  { max, min, default: value, merge = 'atomic', rules }: ListOptions,
): Schema<readonly T[]> {
  return {
    openApi: {
      type: 'array',
      description,
      ...(value === undefined ? {} : { default: value }),
      ...(min === undefined ? {} : { minItems: min }),
      maxItems: max,
      items: item.openApi,
      ...(typeof merge === 'string'
        ? { 'x-kubernetes-list-type': merge }
        : { 'x-kubernetes-list-type': 'map' as const, 'x-kubernetes-list-map-keys': merge.by }),
      ...(rules === undefined ? {} : { 'x-kubernetes-validations': rules }),
    },
  };
}

/** Values under free keys. */
export function dictionary<T>(
  description: string,
  value: Schema<T>,
  { max }: { readonly max: number },
): Schema<Readonly<Record<string, T>>> {
  return {
    openApi: { type: 'object', description, maxProperties: max, additionalProperties: value.openApi },
  };
}
