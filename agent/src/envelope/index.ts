/** The agent's own gate: nothing that it publishes has not passed here, whoever made the patch. */
export { verdictOn, type Gate, type GateVerdict } from './verdict.js';
