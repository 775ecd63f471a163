import { ErrorCode } from '@aegis/proto/v1/error';
import { expect, test } from '@jest/globals';
import { AegisError } from './base.js';
import { ERROR_CLASSES, errorFromReply } from './catalogue.js';
import { SessionExpiredError, UnknownReplicaError } from './replica.js';

const REPLY = { message: 'why', retryable: true, definite: false, leaderId: 0, leaderAddress: '' };

test('every code of the contract has a class, and keeps its name', () => {
  expect(Object.keys(ERROR_CLASSES).toSorted()).toEqual(Object.keys(ErrorCode).toSorted());
  for (const [name, code] of Object.entries(ErrorCode)) {
    const error = errorFromReply({ ...REPLY, code });
    expect(error).toBeInstanceOf(AegisError);
    expect(error).toMatchObject({ code: name, message: 'why', retryable: true, definite: false });
  }
});

test('the end of a session is an error of its own', () => {
  const error = errorFromReply({ ...REPLY, code: ErrorCode.SESSION_EXPIRED });
  expect(error).toBeInstanceOf(SessionExpiredError);
  expect(error.name).toBe('SessionExpiredError');
});

test('a code of a later version is not lost', () => {
  const error = errorFromReply({ ...REPLY, code: 999 as never });
  expect(error).toBeInstanceOf(UnknownReplicaError);
  expect(error.code).toBe('CODE_999');
});
