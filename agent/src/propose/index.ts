/** From what is at fault to what a person may want to merge, or has to do; begin at propose.ts. When to say it: policy.ts. */
export { observationsOf } from './observations.js';
export {
  decide,
  type Decision,
  type HistoryEntry,
  type MaintenanceWindow,
  type Mute,
  type OpenProposal,
  type PolicyConfig,
  type PolicyQuestion,
  DEFAULT_POLICY,
} from './policy.js';
export {
  propose,
  type Advice,
  type Diagnosed,
  type PatchProposal,
  type Proposal,
  type RefusedProposal,
} from './propose.js';
export { REMEDIES, type Remedy } from './remedies.js';
