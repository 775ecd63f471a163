const WITH_KIND = new Set([
  'get',
  'describe',
  'explain',
  'delete',
  'annotate',
  'label',
  'edit',
  'patch',
  'wait',
  'scale',
]);
/** Of Kubernetes itself, as far as these documents name them. */
const BUILT_IN = new Set(
  'pod pods po job jobs secret secrets service services svc pvc node nodes event events lease leases configmap configmaps statefulset statefulsets sts deployment deployments deploy crd crds namespace ns'.split(
    ' ',
  ),
);

/** The words by which the API server knows the kinds of AEGIS: plural, singular, short names, categories. */
export function kindsOf(definitions: readonly { spec: { names: Names } }[]): ReadonlySet<string> {
  return new Set(
    definitions.flatMap(({ spec: { names } }) => [
      names.plural,
      names.singular ?? names.kind.toLowerCase(),
      ...(names.shortNames ?? []),
      ...(names.categories ?? []),
    ]),
  );
}

interface Names {
  readonly kind: string;
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** What is wrong with a documented `kubectl …`: the resources that it names have to exist. */
export function wrongInKubectl(words: readonly string[], kinds: ReadonlySet<string>): string | undefined {
  const rest = withoutOptions(words.slice(1));
  const [verb, resource] = rest;
  if (verb === undefined || resource === undefined || !WITH_KIND.has(verb)) return undefined;
  const named = resource.split(/[/.]/)[0]!.split(',');
  const unknown = named.find((each) => /^[a-z]+$/.test(each) && !kinds.has(each) && !BUILT_IN.has(each));
  return unknown === undefined ? undefined : `no kind is called ${unknown}`;
}

/** Options that take a value in a word of its own here. */
const VALUED = new Set(['-n', '--namespace', '-o', '-l', '-f', '--context', '--for', '--timeout', '-c']);

function withoutOptions(words: readonly string[]): string[] {
  return words.filter((word, at) => !word.startsWith('-') && !VALUED.has(words[at - 1] ?? ''));
}

/** The part of a JSON schema that `--set` can be held against. */
export interface ValuesSchema {
  readonly properties?: Readonly<Record<string, ValuesSchema>>;
  readonly additionalProperties?: boolean | ValuesSchema;
  readonly items?: ValuesSchema;
}

/** What is wrong with the `--set` of a documented `helm …`: each path has to be a value of the chart. */
export function wrongInHelm(
  words: readonly string[],
  charts: ReadonlyMap<string, ValuesSchema>,
): string | undefined {
  const chart = words
    .map((word) => /(?:^|\/)(aegis-[a-z]+)(?:\/|$)/.exec(word)?.[1])
    .find((name) => name !== undefined);
  if (chart === undefined) return undefined;
  const schema = charts.get(chart);
  if (schema === undefined) return `there is no chart ${chart}`;
  for (const [at, word] of words.entries()) {
    if (!/^--set(?:-string|-json|-file)?$/.test(words[at - 1] ?? '')) continue;
    for (const pair of word.split(/(?<!\\),/)) {
      const path = pair.split('=')[0]!;
      if (
        !knows(
          schema,
          path.split(/(?<!\\)\.|\[\d+\]\.?/).filter((part) => part !== ''),
        )
      )
        return `${chart} has no value ${path}`;
    }
  }
  return undefined;
}

function knows(schema: ValuesSchema, [part, ...rest]: readonly string[]): boolean {
  if (part === undefined) return true;
  const next = schema.properties?.[part];
  if (next !== undefined) return knows(next, rest);
  if (typeof schema.additionalProperties === 'object') return knows(schema.additionalProperties, rest);
  return schema.properties === undefined && schema.additionalProperties !== false;
}
