/** The file format of a set: recordings, and what was true of each. Begin at label.ts. */
export { FileError } from './errors.js';
export {
  CONTROLS,
  FORMAT,
  REASONS,
  VERSION,
  type ControlKind,
  type Label,
  type LabelFile,
  type Rejection,
  type TrueCause,
} from './label.js';
export { readLabels, readSet, setNames, type Case, type CaseSet } from './read-set.js';
