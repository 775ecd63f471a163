/** What the operator does about TuningRecommendations: begin at reconcile.ts. */
export { reconcileRecommendations } from './reconcile.js';
