/** Would the patch have helped? Begin at verify.ts. What is compared is fixed in @aegis/agent/counterfactual. */
export { QuestionError, type Problem, type Question } from './question.js';
export { readQuestion } from './read-question.js';
export { recordTrace, type Happened } from './real-processes.js';
export { simulated, type Job, type Simulated } from './simulated.js';
export { BrokenWorldError, verify, type Report, type VerifyOptions } from './verify.js';
