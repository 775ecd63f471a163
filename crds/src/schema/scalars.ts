import type { CelRule, OpenApi } from './open-api.js';
import type { Schema } from './schema.js';

interface Common<T> {
  readonly default?: T;
  readonly rules?: readonly CelRule[];
}

export interface TextOptions extends Common<string> {
  /** In characters. */
  readonly min?: number;
  readonly max: number;
  /** A regular expression over the whole text. */
  readonly pattern?: string;
}

export function text(description: string, options: TextOptions): Schema<string> {
  const { min, max, pattern } = options;
  return {
    openApi: {
      type: 'string',
      description,
      ...common(options),
      ...(min === undefined ? {} : { minLength: min }),
      maxLength: max,
      ...(pattern === undefined ? {} : { pattern }),
    },
  };
}

/** One of a few words. */
export function choice<const T extends string>(
  description: string,
  words: readonly T[],
  options: Common<T> = {},
): Schema<T> {
  return {
    openApi: {
      type: 'string',
      description,
      ...common(options),
      enum: [...words],
    },
  };
}

export interface WholeOptions<T extends number> extends Common<T> {
  readonly min: number;
  readonly max: number;
}

/** A whole number. */
export function whole(description: string, options: WholeOptions<number>): Schema<number> {
  const { min, max } = options;
  return {
    openApi: {
      type: 'integer',
      format: 'int64',
      description,
      ...common(options),
      minimum: min,
      maximum: max,
    },
  };
}

/** One of a few whole numbers. */
export function oneNumberOf<const T extends number>(
  description: string,
  numbers: readonly T[],
  options: Common<T> = {},
): Schema<T> {
  return {
    openApi: {
      type: 'integer',
      format: 'int64',
      description,
      ...common(options),
      enum: [...numbers],
    },
  };
}

export function flag(description: string, options: Common<boolean> = {}): Schema<boolean> {
  return { openApi: { type: 'boolean', description, ...common(options) } };
}

/** A moment, as 2026-01-31T12:00:00Z. */
export function time(description: string): Schema<string> {
  return { openApi: { type: 'string', format: 'date-time', description, maxLength: 64 } };
}

/** An amount as Kubernetes writes it: 250m, 2, 512Mi, 10Gi. */
export function quantity(description: string, options: Common<string> = {}): Schema<string> {
  return text(description, {
    ...options,
    min: 1,
    max: 20,
    pattern: '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$',
  });
}

/** The name of an object in the same namespace. */
export function objectName(description: string, options: Common<string> = {}): Schema<string> {
  return text(description, {
    ...options,
    min: 1,
    max: 253,
    pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
  });
}

function common(options: Common<boolean | number | string>): Partial<OpenApi> {
  const { default: value, rules } = options;
  return {
    ...(value === undefined ? {} : { default: value }),
    ...(rules === undefined ? {} : { 'x-kubernetes-validations': rules }),
  };
}
