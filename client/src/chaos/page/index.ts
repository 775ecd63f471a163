export { ChaosCalls } from './calls.js';
export { ChaosPage } from './server.js';
