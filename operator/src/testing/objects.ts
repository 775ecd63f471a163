import type { KubeObject } from '../kube/object.js';

export type Mutable = Record<string, unknown>;
export type StoredObject = KubeObject & Mutable;

/** RFC 7396: what is null is taken away. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Mutable = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/**
 * Server-side apply as far as tests need it: groups are merged, whatever else is replaced, and what this manager applied before
 * and does not apply now goes, unless another one applied it too.
 */
export function applyPatch(
  target: unknown,
  applied: unknown,
  before: unknown,
  others: readonly unknown[],
): unknown {
  if (!isObject(applied)) return applied;
  const merged: Mutable = isObject(target) ? { ...target } : {};
  if (isObject(before)) {
    for (const key of Object.keys(before)) {
      const wanted = others.some((other) => isObject(other) && key in other);
      if (!(key in applied) && !wanted) delete merged[key];
    }
  }
  for (const [key, value] of Object.entries(applied)) {
    const inner = (from: unknown): unknown => (isObject(from) ? from[key] : undefined);
    merged[key] = applyPatch(merged[key], value, inner(before), others.map(inner));
  }
  return merged;
}

/** Whether the labels meet `a=b,c=d`. */
export function selects(selector: string | null, object: KubeObject): boolean {
  if (selector === null || selector === '') return true;
  return selector.split(',').every((term) => {
    const [name = '', value] = term.split('=');
    const found = object.metadata.labels?.[name];
    return value === undefined ? found !== undefined : found === value;
  });
}

function isObject(value: unknown): value is Mutable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
