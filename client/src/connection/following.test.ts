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

test('a replica that has known no leader for a second is left for one that does', () => {
  const { clock, transport, submit } = begin();
  const { operation } = submit('always');
  transport.newest.welcome();
  clock.endTurn();
  const [cutOff] = transport.streams;
  cutOff!.welcome({ memberId: 1, leaderId: 0, leaderAddress: '' });
  clock.advance(900);
  expect(transport.streams.length).toBe(1);
  clock.advance(200);
  expect(transport.newest.endpoint).toBe('b:1');
  transport.newest.welcome({ memberId: 2, leaderId: 2 });
  clock.endTurn();
  expect(transport.newest.operations.map(({ id }) => id)).toEqual([operation.id]);
});

test('where no replica knows a leader, the stream stays, and the others are asked ever more seldom', () => {
  const { clock, transport, submit } = begin();
  const leaderless = { memberId: 1, leaderId: 0, leaderAddress: '' };
  submit('always');
  transport.newest.welcome(leaderless);
  const [first] = transport.streams;
  for (let ms = 0; ms < 9_000; ms += 50) {
    clock.advance(50);
    clock.endTurn();
    for (const { id } of first!.operations.slice(-1)) first!.answer(id, PONG);
    if (transport.newest !== first && !transport.newest.closed) transport.newest.welcome(leaderless);
    submit('always');
  }
  expect(transport.streams.map(({ endpoint }) => endpoint)).toEqual(['a:1', 'b:1', 'c:1', 'b:1']);
  expect(transport.streams.map(({ closed }) => closed)).toEqual([false, true, true, true]);
});
