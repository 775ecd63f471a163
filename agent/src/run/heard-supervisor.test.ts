import { expect, test } from '@jest/globals';
import { HeardSupervisor } from './heard-supervisor.js';
import { standingOf } from './testing.js';

test('what it said last is kept, also while it does not answer', async () => {
  let answers = false;
  const heard = new HeardSupervisor({
    standing: async () => {
      if (!answers) throw new Error('no such socket');
      return standingOf();
    },
  });
  await expect(heard.standing()).rejects.toThrow('no such socket');
  expect(heard.known).toBeUndefined();
  answers = true;
  await heard.standing();
  expect(heard.known).toEqual({ standing: standingOf(), supervisor: null });
  answers = false;
  await expect(heard.standing()).rejects.toThrow();
  expect(heard.known).toEqual({ standing: standingOf(), supervisor: 'no such socket' });
});
