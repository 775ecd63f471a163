import { expect, test } from '@jest/globals';
import { isRaftError, RaftError, raftErrorCodes } from './index.js';

test('every code has a text of its own and is found by its code', () => {
  const texts = new Set(raftErrorCodes.map((code) => new RaftError(code).message));
  expect(texts.size).toBe(raftErrorCodes.length);
  for (const code of raftErrorCodes) {
    expect(isRaftError(new RaftError(code, 'detail'), code)).toBe(true);
    expect(isRaftError(new Error(code), code)).toBe(false);
  }
});
