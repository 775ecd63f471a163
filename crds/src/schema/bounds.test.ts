import { expect, test } from '@jest/globals';
import { KINDS, objectSchema } from '../definition.js';
import type { OpenApi } from './open-api.js';

function nodesOf(path: string, schema: OpenApi): [string, OpenApi][] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    nodesOf(`${path}.${name}`, field),
  );
  const items = schema.items === undefined ? [] : nodesOf(`${path}[]`, schema.items);
  const values =
    schema.additionalProperties === undefined ? [] : nodesOf(`${path}{}`, schema.additionalProperties);
  return [[path, schema], ...inner, ...items, ...values];
}

const NODES = KINDS.flatMap((kind) => nodesOf(kind.kind, objectSchema(kind)));
/** What the API server checks itself. */
const SERVERS_OWN = /\.(apiVersion|kind|metadata)$/;
const own = NODES.filter(([path]) => !(path.split('.').length === 2 && SERVERS_OWN.test(path)));

test('every field of every kind says in a sentence what it is', () => {
  const silent = own.filter(([, { description }]) => !/^\S.*\.$/.test(description ?? ''));
  expect(silent.map(([path]) => path)).toEqual([]);
});

test('every text, number, list and map is bounded', () => {
  const endless = own.filter(([, schema]) => {
    if (schema.enum !== undefined) return false;
    switch (schema.type) {
      case 'string':
        return schema.maxLength === undefined;
      case 'integer':
        return schema.minimum === undefined || schema.maximum === undefined;
      case 'array':
        return schema.maxItems === undefined || schema['x-kubernetes-list-type'] === undefined;
      case 'object':
        return schema.additionalProperties !== undefined && schema.maxProperties === undefined;
      case 'boolean':
        return false;
    }
  });
  expect(endless.map(([path]) => path)).toEqual([]);
});

test('a group whose fields all speak for themselves can be left out', () => {
  const spec = KINDS.find(({ kind }) => kind === 'AegisCluster')!.spec.openApi;
  expect(spec.required).toBeUndefined();
  for (const [name, field] of Object.entries(spec.properties!)) {
    if (field.default === undefined) continue;
    expect([name, field.required]).toEqual([name, undefined]);
  }
});

test('the names by which kubectl finds the kinds are unique', () => {
  const names = KINDS.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames]);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(['recommendation', 'recommendations']));
});
