import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fingerprintOf, readFile, type Reading } from './document.js';

const TARGET = { namespace: 'shop', name: 'orders' };
const HEAD =
  'apiVersion: aegis.dev/v1alpha1\nkind: AegisCluster\nmetadata: {name: orders, namespace: shop}\n';

function read(text: string): Reading {
  return readFile({ kind: 'text', id: 'f'.repeat(40), text }, TARGET);
}

describe('the one document', () => {
  test('gives spec.consensus; what else it says is named and not read', () => {
    const reading = read(`${HEAD}spec: {replicas: 7, consensus: {electionTimeoutMs: 1000}}\n`);
    expect(reading).toMatchObject({
      kind: 'settings',
      consensus: { electionTimeoutMs: 1000 },
      notes: ['spec.replicas in the file is not read: only spec.consensus is.'],
    });
  });

  test('without consensus has empty settings', () => {
    expect(read(HEAD)).toMatchObject({ kind: 'settings', consensus: {} });
  });

  test('is found among others, of other kinds, names, namespaces and API groups', () => {
    const others = [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: orders, namespace: shop}\n',
      HEAD.replace('orders', 'carts'),
      HEAD.replace('shop', 'lab'),
      HEAD.replace('aegis.dev', 'other.dev'),
      '',
      '- a list\n',
    ];
    expect(read([...others, HEAD, ...others].join('---\n'))).toMatchObject({ kind: 'settings' });
  });

  test.each([
    ['twice', `${HEAD}---\n${HEAD}`, 'DuplicateDocument'],
    ['in two versions', `${HEAD}---\n${HEAD.replace('v1alpha1', 'v9')}`, 'DuplicateDocument'],
    ['in another version', HEAD.replace('v1alpha1', 'v9'), 'InvalidDocument'],
    ['with a field twice', `${HEAD}spec: {consensus: {a: 1, a: 2}}\n`, 'InvalidDocument'],
    ['with a list for consensus', `${HEAD}spec: {consensus: [1]}\n`, 'InvalidDocument'],
    ['that contains itself', `${HEAD}spec: {consensus: &a {b: *a}}\n`, 'InvalidDocument'],
    ['with an unknown tag', `${HEAD}spec: {consensus: !!js/function x}\n`, 'InvalidDocument'],
    ['not at all', '# nothing\n', 'DocumentMissing'],
  ])('%s is refused', (_, text, reason) => {
    expect(read(text)).toMatchObject({ kind: 'none', reason });
  });

  test('a bomb of aliases is refused in no time', () => {
    const levels = Array.from(
      { length: 20 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`,
    );
    const begin = performance.now();
    expect(read(`a0: &a0 x\n${levels.join('\n')}\n---\n${HEAD}`)).toMatchObject({
      reason: 'InvalidDocument',
    });
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  test('any text whatsoever is read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const whole of [text, `${HEAD}spec: {consensus: {${text}}}\n`])
          expect(read(whole).kind).toMatch(/settings|none/);
      }),
      { numRuns: 500 },
    );
  });

  test('the order of fields makes no other settings, another number does', () => {
    expect(fingerprintOf({ a: 1, b: { c: 2, d: [3] } })).toBe(fingerprintOf({ b: { d: [3], c: 2 }, a: 1 }));
    expect(fingerprintOf({ a: 1 })).not.toBe(fingerprintOf({ a: 2 }));
  });
});
