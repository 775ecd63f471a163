import { expect, test } from '@jest/globals';
import { PONG, begin } from './connection-scene.js';

test('the stream moves to the leader that the first replica names, before anything is sent', () => {
  const { clock, transport, submit } = begin();
  submit('always');
  transport.newest.welcome({ memberId: 1, leaderId: 3, leaderAddress: 'c:1' });
  clock.endTurn();
  expect(transport.newest.endpoint).toBe('c:1');
  expect(transport.streams[0]!.operations).toEqual([]);
  transport.newest.welcome({ memberId: 3, leaderId: 3 });
  clock.endTurn();
  expect(transport.newest.operations.length).toBe(1);
  expect(transport.streams[0]!.closed).toBe(true);
});

test('when the leader cannot be reached, the replica that answered is used', () => {
  const { clock, transport, submit } = begin();
  submit('always');
  transport.newest.welcome({ memberId: 1, leaderId: 3, leaderAddress: 'c:1' });
  transport.newest.break();
  clock.endTurn();
  expect(transport.streams[0]!.operations.length).toBe(1);
});

test('after a change of leader, writes without a session stay on the old stream until they are answered', () => {
  const { clock, transport, submit } = begin();
  const once = submit('definite');
  const repeatable = submit('always');
  transport.newest.welcome();
  clock.endTurn();
  const [old] = transport.streams;
  old!.welcome({ memberId: 1, leaderId: 2, leaderAddress: 'b:1' });
  transport.newest.welcome({ memberId: 2, leaderId: 2 });
  clock.endTurn();
  expect(transport.newest.operations.map(({ id }) => id)).toEqual([repeatable.operation.id]);
  old!.answer(repeatable.operation.id, PONG);
  expect(repeatable.told.results).toEqual([]);
  clock.advance(100);
  old!.answer(once.operation.id, PONG);
  expect(once.told.results).toEqual([PONG]);
  expect(old!.closed).toBe(false);
  clock.advance(100);
  expect(old!.closed).toBe(true);
});

test('a replica that falls silent is pinged, then left for another', () => {
  const { clock, transport, submit } = begin();
  const { operation } = submit('always');
  transport.newest.welcome();
  clock.endTurn();
  clock.advance(600);
  expect(transport.streams[0]!.count('ping')).toBe(2);
  expect(transport.streams.length).toBe(1);
  clock.advance(700);
  expect(transport.newest.endpoint).toBe('b:1');
  transport.newest.welcome({ memberId: 2, leaderId: 2 });
  clock.endTurn();
  expect(transport.newest.operations.map(({ id }) => id)).toContain(operation.id);
});

test('a pause of this very process is not taken for silence of the replica, nor for the end of the time', () => {
  const { clock, transport, submit } = begin();
  const { told, operation } = submit('always');
  transport.newest.welcome();
  clock.endTurn();
  clock.pause(15_000);
  clock.advance(0);
  expect(transport.streams.length).toBe(1);
  transport.newest.answer(operation.id, PONG);
  expect(told).toMatchObject({ results: [PONG], failures: [] });
});
