import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProto } from '../api/proto.js';
import { folders, packages, reduced } from '../imports/graph.js';
import { ROOT } from '../read/repository.js';
import { between } from './between.js';
import { outputs } from './outputs.js';

const files = outputs();

test.each([...files.keys()])('%s is what its sources say (npm run docs writes it)', (path) => {
  expect(readFileSync(join(ROOT, path), 'utf8')).toBe(files.get(path));
});

test('a definition is read with its comments, above and behind, and the choices in it', () => {
  const text = `syntax = "proto3";
// A thing.
// In two lines.
message Thing {
  // A name.
  string name = 1; // of UTF-8
  oneof what {
    repeated Other others = 2 [jstype = JS_STRING];
  }
}
message None {}
service Things {
  rpc Get(Thing) returns (stream None);
}
`;
  expect(readProto('thing.proto', text)).toEqual([
    {
      kind: 'message',
      name: 'Thing',
      comment: 'A thing. In two lines.',
      members: [
        { name: 'name', type: 'string', number: '1', comment: 'A name. of UTF-8' },
        { name: 'others', type: 'repeated Other', number: '2', comment: '', choice: 'what' },
      ],
    },
    { kind: 'message', name: 'None', comment: '', members: [] },
    {
      kind: 'service',
      name: 'Things',
      comment: '',
      members: [{ name: 'Get', type: 'Thing → stream None', number: '', comment: '' }],
    },
  ]);
});

test('what the reference does not know is refused with its place', () => {
  expect(() => readProto('a.proto', 'message A {\n  group B = 1 {\n')).toThrow('a.proto:2');
});

test('imports are joined by workspace and by folder, and what follows from others is left out of the drawing', () => {
  const imports = new Map([
    ['agent/src/run/a.ts', ['@aegis/client/chaos', '@aegis/replica', '../graph/b.js', 'node:fs']],
    ['client/src/c.ts', ['@aegis/replica']],
    ['replica/src/d.ts', []],
  ]);
  const graph = packages(imports);
  expect(graph).toEqual(
    new Map([
      ['agent', ['client', 'replica']],
      ['client', ['replica']],
      ['replica', []],
    ]),
  );
  expect(reduced(graph).get('agent')).toEqual(['client']);
  expect(folders(imports, 'agent/src')).toEqual(new Map([['run', ['graph']]]));
});

test('what stands between the marks is replaced, and marks that are missing are told', () => {
  expect(between('a <b> old <c> d', ['<b>', '<c>'], 'new')).toBe('a <b>\n\nnew\n\n<c> d');
  expect(() => between('a <c> <b>', ['<b>', '<c>'], 'new')).toThrow('in this order');
});
