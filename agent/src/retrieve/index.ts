/** Runbooks and earlier incidents that are like the present one; begin at retrieve.ts. How a runbook is written: runbook.ts. */
export { ENDS, pastIncidents, type End, type PastIncident } from './past.js';
export { queryAbout, queryOf, retrieverOf, type Found, type Query, type Retriever } from './retrieve.js';
export { readRunbook, RunbookError, type Runbook } from './runbook.js';
export { readRunbooks, RUNBOOKS } from './runbooks.js';
