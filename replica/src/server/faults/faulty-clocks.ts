import type { Environment } from '../driver/environment.js';
import type { Faults } from './faults.js';

/** The environment with a wall clock that is off and a monotonic clock that drifts. Timers keep true time. */
export function faultyClocks(real: Environment, faults: Faults): Environment {
  // Where the monotonic clock stood when its rate changed last, by true time and by its own.
  let trueMs = real.monotonicMs();
  let ownMs = trueMs;
  let rate = 1;
  const monotonicMs = (): number => ownMs + (real.monotonicMs() - trueMs) * rate;
  faults.onChange(() => {
    ownMs = monotonicMs();
    trueMs = real.monotonicMs();
    rate = 1 + faults.clock.driftPpm / 1e6;
  });
  return {
    monotonicMs,
    wallMs: () => real.wallMs() + faults.clock.offsetMs,
    randomInt: (n) => real.randomInt(n),
    endOfTurn: (task) => real.endOfTurn(task),
    afterSocketRound: (task) => real.afterSocketRound(task),
    every: (ms, task) => real.every(ms, task),
  };
}
