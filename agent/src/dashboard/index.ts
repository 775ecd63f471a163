/** The live dashboard: what people see of the cluster and of the agent; begin at cluster-view.ts. The page is a project of its own. */
export { type ViewParts } from './cluster-view.js';
export { Dashboard } from './dashboard.js';
export { type Known } from './live/watch.js';
export { Views } from './views.js';
