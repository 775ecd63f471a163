import type { Logger } from '../logger.js';
import type { World } from '../world.js';
import { controlPath, FaultControl } from './control.js';
import { Faults } from './faults.js';
import { faultyWorld } from './faulty-world.js';

/** Loaded with `--allow-faults` only: a world in which faults can be injected, and the channel that does it. */
export interface FaultInjection {
  readonly world: World;
  /** Opens the channel; the data folder must be this process's own by now. */
  listen(logger: Logger): Promise<FaultControl>;
}

/** Throws RefusedStart when the channel could not be opened there. */
export function faultInjection(dataPath: string): FaultInjection {
  const path = controlPath(dataPath);
  const faults = new Faults();
  return {
    world: faultyWorld(faults),
    listen: (logger) => FaultControl.listen(faults, path, logger),
  };
}
