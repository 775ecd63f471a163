import type { OpenApi } from './open-api.js';

declare const shape: unique symbol;

/** A value of a resource: its OpenAPI form, and as `T` what TypeScript sees of it. Both come from this one object. */
export interface Schema<T> {
  readonly openApi: OpenApi;
  /** Never there; carries the type. */
  readonly [shape]?: T;
}

/** A field that may be missing. One that has a default never is, once the API server has stored it. */
export interface Optional<S extends Schema<unknown>> {
  readonly optional: S;
}

export function optional<S extends Schema<unknown>>(schema: S): Optional<S> {
  return { optional: schema };
}

export type Fields = Readonly<Record<string, Schema<unknown> | Optional<Schema<unknown>>>>;

/** The TypeScript type of what a schema describes, as it is read from the API server: defaults filled in. */
export type TypeOf<S> = S extends Schema<infer T> ? T : never;

/** The type of a group of fields. */
export type ShapeOf<F extends Fields> = Flat<
  {
    readonly [K in keyof F as F[K] extends Optional<Schema<unknown>> ? never : K]: TypeOf<F[K]>;
  } & {
    readonly [K in keyof F as F[K] extends Optional<Schema<unknown>> ? K : never]?: F[K] extends Optional<
      infer S
    >
      ? TypeOf<S>
      : never;
  }
>;

type Flat<T> = { [K in keyof T]: T[K] };
