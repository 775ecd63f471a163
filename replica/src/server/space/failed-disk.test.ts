import { expect, test } from '@jest/globals';

import { LogError } from '../../log/index.js';
import { isFailedDisk } from './failed-disk.js';

test.each([
  ['a failed sync of the log', new LogError('IO_FAILED', { file: '1.log' }), true],
  ['the write after it', new LogError('POISONED'), true],
  ["RocksDB's failed sync", new Error('IO error: While fdatasync: 000004.log: Input/output error'), true],
  ['the same as a cause', new Error('flush', { cause: new Error('IO error: While appending') }), true],
  ['a full disk', new Error('IO error: No space left on device: While appending to file'), false],
  ['a full disk of the log', new LogError('NO_SPACE'), false],
  ['damage', new LogError('DAMAGED'), false],
  ['a defect', new TypeError('x is not a function'), false],
])('%s', (_name, error, failed) => expect(isFailedDisk(error)).toBe(failed));
