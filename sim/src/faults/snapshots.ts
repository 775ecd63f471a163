import type { Fault } from './fault.js';
import { lurk, restartSoon } from './lurk.js';

/** For a while, whoever has taken a snapshot may be gone before its sender hears of it; it is offered the same once more. */
export const deadlyInstalls: Fault = (world) =>
  lurk(world, 'who installs a snapshot may lose power', {
    installed: (member) => {
      if (world.random.chance(0.6)) restartSoon(world, member);
    },
  });
