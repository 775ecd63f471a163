import { expect, test } from '@jest/globals';
import { readPage } from '../read/markdown.js';
import { readRepository } from '../read/repository.js';
import { judgesOf } from './against.js';
import { wrongIn } from './page.js';

const repository = readRepository();
const judges = judgesOf();

function wrong(text: string): string[] {
  const page = readPage('docs/made-up.md', text);
  const pages = new Map([...repository.pages, [page.path, page]]);
  return wrongIn(page, { ...repository, paths: new Set([...repository.paths, page.path]), pages }, judges);
}

test.each([
  ['`aegis kv fetch a`', 'aegis kv has no command fetch'],
  ['`npx aegis status --verbose`', 'aegis status has no option --verbose'],
  ['`aegis members list|drop`', 'aegis members: one of list|drop does not exist'],
  ['`aegis hash one`', 'aegis hash takes 0 arguments; one is one more'],
  ['`aegis-agent watch`', 'aegis-agent has no command watch'],
  ['`aegis-agent evidence FILE --all`', 'aegis-agent has no option --all'],
  ['`aegis-operator --image=x`', 'aegis-operator has no option --image'],
  ['`aegis-replica begin --data DIR`', 'aegis-replica has no command begin'],
  ['`make tests`', 'the Makefile has no target tests'],
  ['`make sim SEDS=3`', 'make sim reads no SEDS'],
  ['`make up [PROFILE=kv|CLUSTER=kv]`', 'make up reads no PROFILE'],
  ['`kubectl get aegisclusterz`', 'no kind is called aegisclusterz'],
  ['`helm install a charts/aegis-operator --set image.tags=1`', 'aegis-operator has no value image.tags'],
  ['[here](errors.md#no-such-heading)', 'docs/errors.md has no heading for #no-such-heading'],
  ['[there](nowhere.md)', 'nowhere.md leads to docs/nowhere.md, which is not there'],
  ['`replica/src/server/nothing.ts`', 'replica/src/server/nothing.ts is not in the repository'],
])('%s is wrong', (text, message) => {
  expect(wrong(text)).toEqual([`docs/made-up.md:1: ${message}`]);
});

test.each([
  '`aegis --dir X kv get a --limit 3`',
  '`aegis lock demo -- make coffee --hot`',
  '`aegis members list|add|promote|remove`',
  '`AEGIS_DIR=x npx aegis backup verify FILE`',
  '`make sim [SEEDS=100] [STEPS=n|SECONDS=30]`',
  '`make histories SEED=22 NEMESIS=kill,pause`',
  '`make images IMAGE=mine:1`',
  '`kubectl -n aegis-system get pods,aegis`',
  '`helm install a charts/aegis-operator --set image.tag=1`',
  '`replica/src/raft`, `raft/index.ts`, `client/chaos/*.yaml`, `sets/<name>/labels.json`',
  '[a heading](errors.md#errors), [a folder](../proto/aegis/v1), [elsewhere](https://example.com/no)',
])('%s is right', (text) => {
  expect(wrong(text)).toEqual([]);
});

test('in fences for the console only what is typed is looked at, and lines that go on are joined', () => {
  const text = [
    '```console',
    '$ npx aegis status \\',
    '  --never',
    'aegis prints this',
    '```',
    '```ts',
    'aegis.lock',
    '```',
  ];
  expect(wrong(text.join('\n'))).toEqual(['docs/made-up.md:2: aegis status has no option --never']);
});

test('in fences for the shell every command of a line is looked at, comments are not', () => {
  const text = ['```sh', 'make build && npx aegis nothing   # aegis nowhere', 'true; make nothing', '```'];
  expect(wrong(text.join('\n'))).toEqual([
    'docs/made-up.md:2: aegis has no command nothing',
    'docs/made-up.md:3: the Makefile has no target nothing',
  ]);
});

test('a fence without an end is told', () => {
  expect(() => readPage('a.md', 'x\n```sh\ny')).toThrow('a.md:2: a fence is opened and never closed');
});
