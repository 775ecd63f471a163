import { expect, test } from '@jest/globals';
import {
  MemoryStorage,
  protobufEntrySize,
  RawNode,
  ReadOnlyOption,
  isRaftError,
  type Config,
} from './index.js';

const valid: Config = {
  id: 1,
  electionTick: 10,
  heartbeatTick: 1,
  storage: new MemoryStorage(),
  entrySize: protobufEntrySize,
  randomInt: () => 0,
  maxSizePerMsg: 1000,
  maxInflightMsgs: 10,
};

function codeOf(change: Partial<Config>): string | undefined {
  try {
    return new RawNode({ ...valid, ...change }).campaign()?.code;
  } catch (error) {
    return isRaftError(error, 'INVALID_CONFIG') ? error.code : String(error);
  }
}

test('settings that contradict each other are refused', () => {
  expect(codeOf({})).toBeUndefined();
  for (const change of [
    { id: 0 },
    { id: -1 },
    { id: 1.5 },
    { heartbeatTick: 0 },
    { electionTick: 1 },
    { maxInflightMsgs: 0 },
    { maxInflightBytes: 999 },
    { readOnlyOption: ReadOnlyOption.LeaseBased },
  ]) {
    expect([change, codeOf(change)]).toEqual([change, 'INVALID_CONFIG']);
  }
});
