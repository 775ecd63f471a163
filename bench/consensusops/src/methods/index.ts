/**
 * The methods that are compared. A method reads a window and gives an answer; what it was shown beforehand is handed to whoever makes it,
 * as to `majority`.
 */
export { NOTHING, firstOf, type Answer, type Chosen, type Method } from './method.js';
export { earliest } from './earliest.js';
export { loudest } from './loudest.js';
export { majority } from './majority.js';
export { ours } from './ours.js';
export { search, type Shown } from './search.js';
export { threeSigma } from './three-sigma.js';
export { retrieval } from './retrieval.js';
export { askModel, withModel, WITH_MODEL, type ModelMethod } from './with-model.js';
