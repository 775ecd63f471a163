import { describe, expect, test } from '@jest/globals';
import { ErrorCode } from '@aegis/proto/v1/error';

import { ManualEnvironment } from '../../sim/manual-environment.js';
import { Reads } from './reads.js';

function world(origin = 9) {
  const environment = new ManualEnvironment();
  const rounds: Uint8Array[] = [];
  const reads = new Reads(environment, origin, 1000, (context) => rounds.push(context));
  const answered: string[] = [];
  const read = (name: string): void =>
    reads.join((failed) => answered.push(failed === undefined ? name : `${name} failed`));
  return { environment, reads, rounds, answered, read };
}

describe('linearizable reads', () => {
  test('a read joins the next round, never one that has left', () => {
    const w = world();
    w.read('a');
    w.reads.gather();
    w.read('b');
    w.reads.gather();
    expect(w.rounds).toHaveLength(1);
    w.reads.confirmed(5, w.rounds[0]!);
    w.reads.applied(5);
    expect(w.answered).toEqual(['a']);
    w.reads.gather();
    w.reads.confirmed(5, w.rounds[1]!);
    w.reads.applied(5);
    expect(w.answered).toEqual(['a', 'b']);
  });

  test('one round serves all that wait', () => {
    const w = world();
    for (const name of ['a', 'b', 'c']) w.read(name);
    w.reads.gather();
    expect(w.rounds).toHaveLength(1);
    w.reads.confirmed(1, w.rounds[0]!);
    w.reads.applied(1);
    expect(w.answered).toEqual(['a', 'b', 'c']);
  });

  test('a confirmed read waits until its index is applied', () => {
    const w = world();
    w.read('a');
    w.reads.gather();
    w.reads.confirmed(8, w.rounds[0]!);
    w.reads.applied(7);
    expect(w.answered).toEqual([]);
    w.reads.applied(8);
    expect(w.answered).toEqual(['a']);
  });

  test('answers to an earlier life of the process, or to an earlier round, do not match', () => {
    const earlier = world(8);
    earlier.read('old');
    earlier.reads.gather();
    const w = world(9);
    w.read('a');
    w.reads.gather();
    w.reads.confirmed(1, earlier.rounds[0]!);
    w.environment.advance(500);
    w.reads.expire(500);
    w.reads.gather();
    w.reads.confirmed(1, w.rounds[0]!);
    w.reads.applied(1);
    expect(w.answered).toEqual([]);
    w.reads.confirmed(1, w.rounds[1]!);
    w.reads.applied(1);
    expect(w.answered).toEqual(['a']);
  });

  test('a lost round is asked again, and a read that is over its time fails', () => {
    const w = world();
    w.read('a');
    w.reads.gather();
    for (let i = 0; i < 2; i++) {
      w.environment.advance(500);
      w.reads.expire(500);
      w.reads.gather();
    }
    expect(w.rounds).toHaveLength(2);
    expect(w.answered).toEqual(['a failed']);
  });

  test('reads are bounded, whatever they wait for', () => {
    const w = world();
    let refused = 0;
    const join = (count: number): void => {
      for (let at = 0; at < count; at++)
        w.reads.join((failed) => {
          if (failed?.code === ErrorCode.OVERLOADED) refused++;
        });
    };
    join(60_000);
    w.reads.gather();
    w.reads.confirmed(5, w.rounds[0]!);
    join(30_000);
    w.reads.gather();
    join(10_000);
    expect(refused).toBe(0);
    join(1);
    expect(refused).toBe(1);
    w.reads.applied(5);
    join(60_000);
    expect(refused).toBe(1);
    join(1);
    expect(refused).toBe(2);
    w.reads.failAll();
    join(100_000);
    expect(refused).toBe(2);
  });
});
