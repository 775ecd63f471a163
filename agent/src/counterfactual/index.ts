/** What a verification compares, and the surroundings that it replays; begin at signals.ts. The runs are in the simulator. */
export {
  EnvironmentError,
  environmentOf,
  ENVIRONMENT_MS_MAX,
  type Environment,
  type Surroundings,
} from './environment.js';
export {
  byName,
  finest,
  measured,
  MEASURE_NAMES,
  MEASURES,
  type Measure,
  type Measured,
  type MeasureName,
} from './measures.js';
export { pairedBootstrap, type Difference } from './paired-bootstrap.js';
export { aimOf, HARM, PRIMARY, REPRODUCED_WITHIN, type Margin } from './signals.js';
