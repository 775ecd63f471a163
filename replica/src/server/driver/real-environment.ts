import { randomInt } from 'node:crypto';

import type { Environment } from './environment.js';

export const realEnvironment: Environment = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  randomInt: (n) => randomInt(n),
  endOfTurn: (task) => {
    setImmediate(task);
  },
  // The first check phase ends the turn at hand; the poll phase between the two reads every socket.
  afterSocketRound: (task) => {
    setImmediate(() => setImmediate(task));
  },
  every: (ms, task) => {
    const timer = setInterval(task, ms);
    return { stop: () => clearInterval(timer) };
  },
};
