import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

/** One value of a chart, as its README lists it. */
export interface ValueRow {
  /** `metrics.serviceMonitor.enabled`. */
  readonly path: string;
  /** JSON. */
  readonly default: string;
  readonly description: string;
}

/**
 * The values that a values.yaml describes: those with a comment that begins with "# --", and everything else that is no map of
 * such. Throws, naming the value, where a value that stands alone says nothing of itself.
 */
export function valueRows(valuesYaml: string): ValueRow[] {
  const document = parseDocument(valuesYaml);
  if (document.errors.length > 0) throw document.errors[0]!;
  if (!isMap(document.contents)) throw new Error('values.yaml is not a map');
  // The comment before the first key belongs to the document.
  return rowsOf(document.contents, '', document.commentBefore ?? document.contents.commentBefore);
}

function rowsOf(map: YAMLMap, prefix: string, firstComment?: string | null): ValueRow[] {
  return map.items.flatMap((pair, at) => {
    const comment = commentOf(pair) ?? (at === 0 ? firstComment : undefined);
    const description = describe(comment);
    const path = `${prefix}${String(keyOf(pair))}`;
    const { value } = pair;
    if (description === undefined && isMap(value) && value.items.length > 0)
      return rowsOf(value, `${path}.`, value.commentBefore);
    return [{ path, default: JSON.stringify(jsonOf(value)), description: description ?? '' }];
  });
}

function keyOf({ key }: Pair): unknown {
  return isScalar(key) ? key.value : key;
}

function commentOf({ key }: Pair): string | null | undefined {
  return isScalar(key) ? key.commentBefore : undefined;
}

function jsonOf(value: unknown): unknown {
  return (value as { toJSON?: () => unknown } | null)?.toJSON?.() ?? null;
}

function describe(comment: string | null | undefined): string | undefined {
  const at = comment?.lastIndexOf('-- ') ?? -1;
  if (at < 0) return undefined;
  return comment!
    .slice(at + 3)
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
}
