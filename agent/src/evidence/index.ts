/** What the agent saw, thought and did: lines of JSON that are only ever added to. */
export { EvidenceError, EvidenceLog, readEvidence, type EvidenceRecord } from './log.js';
