import { expect, test } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { ErrorCode } from '@aegis/proto/v1/error';
import { ERRORS, type ErrorKind } from './catalogue.js';
import { errorOf } from './error-of.js';
import { renderErrorTable } from './table.js';

const kinds = Object.entries<ErrorKind>(ERRORS);

test('the names are those of the codes on the wire, and every code is there', () => {
  const codes = Object.entries(ErrorCode).filter(([name]) => name !== 'UNSPECIFIED');
  expect(kinds.map(([name, { code }]) => [name, code])).toEqual(codes);
});

test('every error has a gRPC status other than OK, and says something', () => {
  for (const [, { grpc, message }] of kinds) {
    expect(status[grpc]).toBeGreaterThan(0);
    expect(message).toMatch(/^[A-Z{].*\.$/);
  }
});

test('nothing that may have had an effect is called definite', () => {
  const indefinite = kinds.filter(([, { definite }]) => !definite).map(([name]) => name);
  expect(indefinite).toEqual(['LEADER_CHANGED', 'TIMEOUT', 'SESSION_EXPIRED', 'TRANSFER_FAILED']);
});

test('details are filled into the message, as they are', () => {
  expect(errorOf('INVALID_TTL', { ttl: 1, min: 2000, max: 5000 })).toEqual({
    code: ErrorCode.INVALID_TTL,
    message: 'A TTL of 1 ms is outside of the bounds of this cluster, 2000 to 5000 ms.',
    retryable: false,
    definite: true,
    leaderId: 0,
    leaderAddress: '',
  });
  expect(errorOf('NO_ELECTION_LEADER', { name: '$& {name}' }).message).toBe(
    'Nobody leads election "$& {name}".',
  );
});

test('the table lists every error once', () => {
  const lines = renderErrorTable().split('\n');
  const named = lines.flatMap((line) => /^\| `(\w+)` \|/.exec(line)?.[1] ?? []);
  expect(named).toEqual(kinds.map(([name]) => name));
});
