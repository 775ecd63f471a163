/** Which cases a seed stands for. Begin at draw.ts. */
export { Draw, type Planned } from './draw.js';
export { fit } from './fit.js';
export { eventsOf, faultKindOf, isConfounded, rootOf, withoutRoot, type Event } from './root.js';
export { heldOutNames, templates, type Template } from './templates.js';
