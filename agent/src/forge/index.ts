/** Where proposals and postmortems go; begin at forge.ts. None of it can merge. */
export {
  ForgeRefusal,
  type Forge,
  type IssueState,
  type PostmortemPage,
  type ProposalPage,
  type Published,
  type RefusalReason,
  type RequestState,
  type Target,
} from './forge.js';
export { branchOf, BRANCHES } from './names.js';
export { editSettings } from './edit.js';
export { proposalPage, type EvidenceWindow, type ProposalFacts, type Verification } from './proposal-page.js';
export { postmortemPage, type Outcome, type PostmortemFacts } from './postmortem-page.js';
export { GitHubForge, type GitHubOptions } from './github/github.js';
export { appToken, type AppIdentity } from './github/app-token.js';
export { LocalForge, type LocalOptions } from './local/local.js';
