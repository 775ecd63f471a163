import type { World } from '../world/world.js';

/** Does something to the world, and returns how to undo it, where that can be. Undefined also when nothing could be done. */
export type Fault = (world: World) => (() => void) | undefined;
