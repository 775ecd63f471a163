import { expect, test } from '@jest/globals';
import { configMap } from '../testing/scene.js';
import { Store } from './store.js';

function object(name: string, version: string, owner = 'a', uid = name) {
  const made = configMap('here', name, { owner });
  return { ...made, metadata: { ...made.metadata, resourceVersion: version, uid } };
}

function watched() {
  const store = new Store({ owner: ({ data }: ReturnType<typeof object>) => [data!['owner']!] });
  const changes: string[] = [];
  store.onChange(({ type, object: { metadata } }) => changes.push(`${type} ${metadata.name}`));
  return {
    store,
    changes,
    named: (owner: string) => store.by('owner', owner).map(({ metadata }) => metadata.name),
  };
}

test('objects are found by their index, which follows their changes', () => {
  const { store, named } = watched();
  store.put(object('x', '1'));
  store.put(object('y', '2'));
  expect(named('a')).toEqual(['x', 'y']);
  store.put(object('x', '3', 'b'));
  expect(named('a')).toEqual(['y']);
  expect(named('b')).toEqual(['x']);
  store.delete({ namespace: 'here', name: 'x' });
  expect(named('b')).toEqual([]);
  expect(() => store.by('colour', 'red')).toThrow('there is no index colour; there are owner');
});

test('the same version again is no change', () => {
  const { store, changes } = watched();
  store.put(object('x', '1'));
  store.put(object('x', '1'));
  expect(changes).toEqual(['added x']);
});

test('a list tells what was deleted, made and made anew while nobody looked', () => {
  const { store, changes } = watched();
  store.put(object('gone', '1'));
  store.put(object('stays', '2'));
  store.put(object('anew', '3'));
  changes.length = 0;
  store.replace([object('stays', '2'), object('anew', '9', 'a', 'another'), object('new', '8')]);
  expect(changes).toEqual(['deleted gone', 'deleted anew', 'added anew', 'added new']);
  expect(store.size).toBe(3);
});
