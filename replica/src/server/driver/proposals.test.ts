import { describe, expect, test } from '@jest/globals';
import type { Batch, Command, Result } from '@aegis/proto/replica/command';
import { ErrorCode } from '@aegis/proto/v1/error';
import { KvPutRequest } from '@aegis/proto/v1/kv';

import { ManualEnvironment } from '../../sim/manual-environment.js';
import { Proposals } from './proposals.js';

const advance: Command = { call: undefined, op: { $case: 'advance', value: {} } };
const done: Result = { result: { $case: 'done', value: {} } };

function world(delayMs = 0) {
  const environment = new ManualEnvironment();
  const proposed: Omit<Batch, 'stampMs'>[] = [];
  const forwarded: { term: number; number: number; commands: readonly Command[] }[] = [];
  const route = { leader: undefined as { term: number; here: boolean } | undefined, accepts: true };
  const proposals: Proposals = new Proposals(
    environment,
    {
      leader: () => route.leader,
      propose: (batch) => {
        if (route.accepts) proposed.push(batch);
        return route.accepts;
      },
      forward: (batch) => forwarded.push(batch),
      wake: () => proposals.gather(),
    },
    42,
    {
      pendingMax: 5,
      waitingBytesMax: 50_000,
      batchCommandsMax: 3,
      batchBytesMax: 10_000,
      delayMs,
      timeoutMs: 1000,
    },
  );
  const outcomes: (string | undefined)[] = [];
  const submit = (leaderOnly = false): void => {
    const at = outcomes.push(undefined) - 1;
    const settle = (result: Result | undefined, failed: { code: number } | undefined): void => {
      expect(outcomes[at]).toBeUndefined();
      const name = Object.entries(ErrorCode).find(([, code]) => code === failed?.code)?.[0];
      outcomes[at] = result?.result?.$case ?? name ?? 'nothing';
    };
    proposals.submit(advance, settle, leaderOnly);
  };
  return { environment, proposals, proposed, forwarded, route, outcomes, submit };
}

describe('proposals', () => {
  test('one turn gathers into one batch, cut at the most commands a batch may hold', () => {
    const w = world();
    w.route.leader = { term: 1, here: true };
    for (let i = 0; i < 5; i++) w.submit();
    w.proposals.gather();
    expect(w.proposed.map((batch) => [batch.number, batch.commands.length])).toEqual([
      [1, 3],
      [2, 2],
    ]);
  });

  test('commands that wait are bounded in bytes, sent or not, and room comes back with their answers', () => {
    const w = world();
    const put = (): string => {
      let failed = 'none';
      const value = { key: Buffer.from('k'), value: Buffer.alloc(20_000), lease: '0' };
      const op = { $case: 'kvPut' as const, value: KvPutRequest.create(value) };
      w.proposals.submit({ call: undefined, op }, (_result, error) => (failed = error?.message ?? 'none'));
      return failed;
    };
    expect([put(), put(), put()]).toEqual(['none', 'none', 'none']);
    const refused = 'The bytes of the commands that wait on this replica is at its limit of 50000';
    expect(put()).toMatch(new RegExp(refused, 'i'));
    w.route.leader = { term: 1, here: true };
    w.proposals.gather();
    expect(put()).toMatch(new RegExp(refused, 'i'));
    w.proposals.applied(1, 42, 1, [done]);
    expect(put()).toBe('none');
    // What is sent again counts once.
    w.proposals.termApplied(2);
    expect(put()).toMatch(new RegExp(refused, 'i'));
    w.environment.advance(1100);
    w.proposals.expire();
    expect([put(), put(), put()]).toEqual(['none', 'none', 'none']);
  });

  test('with a delay the first command waits so long for others, and all go together', () => {
    const w = world(10);
    w.route.leader = { term: 1, here: true };
    w.submit();
    w.proposals.gather();
    w.environment.advance(9);
    w.submit();
    w.proposals.gather();
    expect(w.proposed).toEqual([]);
    w.environment.advance(1);
    expect(w.proposed.map((batch) => batch.commands.length)).toEqual([2]);
    // The next one begins a time of its own.
    w.environment.advance(5);
    w.submit();
    w.environment.advance(9);
    expect(w.proposed.length).toBe(1);
    w.environment.advance(1);
    expect(w.proposed.length).toBe(2);
  });

  test('a full batch waits for nobody, and neither does what has waited before', () => {
    const w = world(10);
    w.route.leader = { term: 1, here: true };
    for (let i = 0; i < 3; i++) w.submit();
    w.proposals.gather();
    expect(w.proposed.map((batch) => batch.commands.length)).toEqual([3]);
    w.route.leader = undefined;
    w.submit();
    w.environment.advance(50);
    w.route.leader = { term: 2, here: false };
    w.proposals.gather();
    expect(w.forwarded.length).toBe(1);
  });

  test('nor does a batch hold more bytes than an entry may, but for one command that is larger by itself', () => {
    const w = world();
    w.route.leader = { term: 1, here: true };
    const put = (bytes: number): Command => ({
      call: undefined,
      op: {
        $case: 'kvPut',
        value: {
          key: Buffer.from('k'),
          value: Buffer.alloc(bytes),
          lease: '0',
          prevKv: false,
          ignoreValue: false,
          ignoreLease: false,
        },
      },
    });
    for (const bytes of [4000, 4000, 4000, 20_000, 10]) w.proposals.submit(put(bytes), () => {});
    w.proposals.gather();
    expect(w.proposed.map((batch) => batch.commands.length)).toEqual([2, 1, 1, 1]);
  });

  test('answers come with the apply of the own batch, in order, and only once', () => {
    const w = world();
    w.route.leader = { term: 1, here: true };
    w.submit();
    w.submit();
    w.proposals.gather();
    w.proposals.applied(1, 43, 1, [done, done]);
    expect(w.outcomes).toEqual([undefined, undefined]);
    w.proposals.applied(1, 42, 1, [done, { result: { $case: 'leaseRevoke', value: {} } }]);
    w.proposals.applied(1, 42, 1, [done, done]);
    expect(w.outcomes).toEqual(['done', 'leaseRevoke']);
    expect(w.proposals.waiting).toBe(0);
  });

  test('a snapshot ends without certainty what it may have jumped over, and nothing of a later term', () => {
    const w = world();
    for (const term of [1, 2, 3]) {
      w.route.leader = { term, here: false };
      w.submit();
      w.proposals.gather();
    }
    w.proposals.jumpedOver(2);
    expect(w.outcomes).toEqual(['LEADER_CHANGED', 'LEADER_CHANGED', undefined]);
    w.proposals.applied(3, 42, 3, [done]);
    expect(w.outcomes[2]).toBe('done');
    expect(w.proposals.waiting).toBe(0);
  });

  test('a batch of an earlier term goes out again once a later term is applied without it', () => {
    const w = world();
    w.route.leader = { term: 1, here: false };
    w.submit();
    w.proposals.gather();
    expect(w.forwarded).toHaveLength(1);
    w.proposals.termApplied(1);
    w.proposals.gather();
    expect(w.forwarded).toHaveLength(1);
    w.route.leader = { term: 2, here: true };
    w.proposals.termApplied(2);
    w.proposals.leaderChanged();
    w.proposals.gather();
    expect(w.proposed.map((batch) => batch.number)).toEqual([2]);
    w.proposals.applied(2, 42, 2, [done]);
    expect(w.outcomes).toEqual(['done']);
  });

  test('a refused batch waits a little, or for another leader, before it goes out again', () => {
    const w = world();
    w.route.leader = { term: 1, here: false };
    w.submit();
    w.proposals.gather();
    w.proposals.refused(42, 1);
    w.proposals.gather();
    expect(w.forwarded).toHaveLength(1);
    w.environment.advance(20);
    w.proposals.gather();
    expect(w.forwarded).toHaveLength(2);
  });

  test('without a leader commands wait, and end as NO_LEADER, which is certain', () => {
    const w = world();
    w.submit();
    w.proposals.gather();
    w.environment.advance(999);
    w.proposals.expire();
    expect(w.outcomes).toEqual([undefined]);
    w.environment.advance(1);
    w.proposals.expire();
    expect(w.outcomes).toEqual(['NO_LEADER']);
  });

  test('what went out and is not answered in time ends as TIMEOUT, and its late apply answers nobody', () => {
    const w = world();
    w.route.leader = { term: 1, here: true };
    w.submit();
    w.proposals.gather();
    w.environment.advance(1000);
    w.proposals.expire();
    expect(w.outcomes).toEqual(['TIMEOUT']);
    w.proposals.applied(1, 42, 1, [done]);
    expect(w.proposals.waiting).toBe(0);
  });

  test('more waiting than the limit is refused at once', () => {
    const w = world();
    for (let i = 0; i < 6; i++) w.submit();
    expect(w.outcomes[5]).toBe('OVERLOADED');
    expect(w.outcomes[4]).toBeUndefined();
  });

  test("a leader's housekeeping is never sent to another leader", () => {
    const w = world();
    w.submit(true);
    w.route.leader = { term: 2, here: false };
    w.proposals.gather();
    expect(w.forwarded.flatMap((batch) => batch.commands)).toEqual([]);
    expect(w.outcomes).toEqual(['LEADER_CHANGED']);
  });

  test('a leader that refuses its own housekeeping ends it, and keeps the rest', () => {
    const w = world();
    w.route.leader = { term: 1, here: true };
    w.route.accepts = false;
    w.submit(true);
    w.submit();
    w.proposals.gather();
    expect(w.outcomes).toEqual(['LEADER_CHANGED', undefined]);
    expect(w.proposals.waiting).toBe(1);
  });

  test('at a stop nothing is left unanswered', () => {
    const w = world();
    w.route.leader = { term: 1, here: true };
    w.submit();
    w.proposals.gather();
    w.submit();
    w.proposals.failAll();
    expect(w.outcomes).toEqual(['LEADER_CHANGED', 'SHUTTING_DOWN']);
  });
});
