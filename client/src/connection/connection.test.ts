import { expect, test } from '@jest/globals';
import { PONG, begin } from './connection-scene.js';

const NO_LEADER = 6;
const TIMEOUT = 8;

test('all operations of one turn travel in one frame, those of the next in another', () => {
  const { clock, transport, submit } = begin();
  submit('always');
  transport.newest.welcome();
  submit('always');
  submit('always');
  clock.endTurn();
  submit('always');
  expect(transport.newest.frames.map(({ operations }) => operations.length)).toEqual([3]);
  clock.endTurn();
  expect(transport.newest.frames.map(({ operations }) => operations.length)).toEqual([3, 1]);
  expect(new Set(transport.newest.operations.map(({ id }) => id)).size).toBe(4);
});

test('nothing is written while the transport asks to hold back', () => {
  const { clock, transport, submit } = begin();
  submit('always');
  transport.newest.welcome();
  transport.newest.room = false;
  clock.endTurn();
  submit('always');
  clock.endTurn();
  expect(transport.newest.frames.length).toBe(1);
  transport.newest.drain();
  clock.endTurn();
  expect(transport.newest.frames.length).toBe(2);
});

test('at most 8,192 operations are unanswered on a stream; the rest follow when answers come', () => {
  const { clock, transport, submit } = begin();
  for (let i = 0; i < 8_193; i++) submit('always');
  transport.newest.welcome();
  clock.endTurn();
  expect(transport.newest.operations.length).toBe(8_192);
  transport.newest.answer(1, PONG);
  clock.endTurn();
  expect(transport.newest.operations.length).toBe(8_193);
});

test('a sequenced operation is sent again after the stream broke, with its sequence and the new lowest one', () => {
  const { clock, transport, submit } = begin();
  const first = submit('always', true);
  const second = submit('always', true);
  transport.newest.welcome();
  clock.endTurn();
  const [broken] = transport.streams;
  broken!.answer(first.operation.id, PONG);
  broken!.break();
  transport.newest.welcome({ memberId: 2, leaderId: 2 });
  clock.endTurn();
  expect(transport.newest).not.toBe(broken);
  expect(transport.newest.operations.map(({ call }) => call)).toEqual([
    { lease: '5', grantIndex: 3, sequence: 2, lowestUnanswered: 2 },
  ]);
  expect(second.operation.sends).toBe(2);
  transport.newest.answer(second.operation.id, PONG);
  expect(second.told.results).toEqual([PONG]);
});

test('a write without a session is never sent again when it may have had an effect', () => {
  const { clock, transport, submit } = begin();
  const { told } = submit('definite');
  transport.newest.welcome();
  clock.endTurn();
  transport.newest.break();
  submit('always');
  transport.newest.welcome();
  clock.endTurn();
  expect(told.failures.map(({ code, definite }) => ({ code, definite }))).toEqual([
    { code: 'CONNECTION_LOST', definite: false },
  ]);
  expect(transport.newest.operations.map(({ id }) => id)).toEqual([2]);
});

test('the same write is sent again after a definite refusal, not after an indefinite one', () => {
  const { clock, transport, submit } = begin();
  const { told, operation } = submit('definite');
  transport.newest.welcome();
  clock.endTurn();
  transport.newest.refuse(operation.id, NO_LEADER, { retryable: true, definite: true });
  clock.advance(100);
  expect(transport.newest.operations.length).toBe(2);
  expect(told.failures).toEqual([]);
  transport.newest.refuse(operation.id, TIMEOUT, { retryable: true, definite: false });
  expect(told.failures.map(({ code }) => code)).toEqual(['TIMEOUT']);
});

test('the clock of the acknowledged request starts anew after a definite refusal, and only then', () => {
  const { clock, transport, submit } = begin();
  const { operation } = submit('always');
  transport.newest.welcome();
  clock.endTurn();
  const { monotonicMs } = operation.firstSent!;
  transport.newest.refuse(operation.id, TIMEOUT, { retryable: true, definite: false });
  clock.advance(100);
  expect(operation.firstSent!.monotonicMs).toBe(monotonicMs);
  const other = submit('always');
  clock.endTurn();
  const began = other.operation.firstSent!.monotonicMs;
  transport.newest.refuse(other.operation.id, NO_LEADER, { retryable: true, definite: true });
  clock.advance(100);
  expect(other.operation.firstSent!.monotonicMs).toBeGreaterThan(began);
});

test('refused operations are sent again at once when the leader changes', () => {
  const { clock, transport, submit } = begin();
  const { operation } = submit('always');
  transport.newest.welcome();
  clock.endTurn();
  transport.newest.refuse(operation.id, NO_LEADER, { retryable: true, definite: true });
  transport.newest.welcome();
  clock.endTurn();
  expect(transport.newest.operations.length).toBe(2);
});

test('a sequenced operation whose caller stopped waiting goes on, and its late result is told', () => {
  const { clock, transport, window, submit } = begin();
  const { told, operation } = submit('always', true);
  transport.newest.welcome();
  clock.endTurn();
  for (let i = 0; i < 110; i++) {
    clock.advance(100);
    transport.newest.welcome();
  }
  expect(told.failures.map(({ code, definite }) => ({ code, definite }))).toEqual([
    { code: 'TIMEOUT', definite: false },
  ]);
  expect(window.call(2).lowestUnanswered).toBe(1);
  transport.newest.answer(operation.id, PONG);
  expect(told.late).toEqual([PONG]);
  expect(window.call(2).lowestUnanswered).toBe(2);
});

test('what was never sent fails definitely, naming the endpoints and the last reason', () => {
  const { clock, transport, submit } = begin(['a:1']);
  const { told } = submit('definite');
  for (let i = 0; i < 220; i++) {
    if (!transport.newest.closed) transport.newest.break();
    clock.advance(50);
  }
  const [failure] = told.failures;
  expect(failure?.definite).toBe(true);
  expect(failure?.message).toContain('a:1');
  expect(failure?.message).toContain('connection reset');
});

test('closing fails what is unanswered, and what is asked afterwards', () => {
  const { clock, connection, submit } = begin();
  const before = submit('always');
  connection.close();
  const after = submit('always');
  expect(after.told.failures).toEqual([]);
  clock.endTurn();
  for (const { told } of [before, after])
    expect(told.failures.map(({ code }) => code)).toEqual(['CLIENT_CLOSED']);
});
